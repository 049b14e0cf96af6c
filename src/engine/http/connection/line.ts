import type { Failure, Stream, StreamEvents } from '../../net.ts'
import { MessageReader, type Message } from '../message/reader.ts'

/** A session among those that share connections. */
export type Owner = { closed: boolean }

/** One request and who waits for its answer. */
export type Job = {
  readonly owner: Owner
  readonly bytes: string | Uint8Array
  readonly method: string
  /** It carries a body. */
  readonly loaded: boolean
  /** Bytes of a body taken off the wire; ms for the whole answer. */
  readonly most: number
  readonly timeout: number
  readonly done: (result: Message | Failure, began: number, took: number) => void
  /** The way there is out of scope: nothing was sent. */
  readonly refused: (why: unknown) => void
  retried: boolean
}

/** What a line tells its pool. `kept`: it may be used again. `unheard`: nothing at all came back on a line that had been used before. */
export type LineEvents = Readonly<{ free(line: Line, kept: boolean): void; unheard(line: Line, job: Job, why: Failure): void }>

/** Ms after which an answer that is not HTTP counts as told, since nothing says where it ends. */
const quiet = 50
const closedUnheard: Failure = { failed: 'closed', text: 'the server closed without an answer' }

export const sessionClosed: Failure = { failed: 'closed', text: 'the session is closed' }

/** A connection that carries one request at a time. A class, for the one lifetime it has; the stream calls its `data` and `end`. */
export class Line implements StreamEvents {
  stream: Stream | null = null
  readonly #on: LineEvents
  #job: Job | null = null
  #reader: MessageReader | null = null
  #began = 0
  #calm: NodeJS.Timeout | null = null
  #used = false
  #heard = 0
  /** Of the job in hand. */
  deadline = Number.POSITIVE_INFINITY
  gone = false
  /** Carries one request and no more. */
  alone = false
  idleSince = 0

  constructor(on: LineEvents) {
    this.#on = on
  }

  /** Who waits for what it carries. */
  get owner(): Owner | null {
    return this.#job?.owner ?? null
  }

  get heard(): number {
    return this.#heard
  }

  send(job: Job, now: number): void {
    this.#job = job
    this.#reader = new MessageReader(job.method, job.most)
    this.#began = now
    this.deadline = now + job.timeout
    if (this.gone) this.#lost(closedUnheard)
    else this.stream!.write(job.bytes)
  }

  data(bytes: Buffer, length: number): void {
    const reader = this.#reader
    this.#heard += length
    // Unasked: whatever it is, it is no answer to what comes next.
    if (reader === null) return this.close()
    if (reader.feed(bytes, length)) return reader.failure === null ? this.#told(reader.message()) : this.#lost(reader.failure)
    if (reader.alien) {
      if (this.#calm === null) this.#calm = setTimeout(() => this.#over('ended'), quiet)
      else this.#calm.refresh()
    }
  }

  end(why: Failure | null): void {
    this.gone = true
    if (this.#job === null) return this.#on.free(this, false)
    if (why !== null && (why.failed === 'budget' || why.failed === 'aborted')) return this.#lost(why)
    this.#over(why === null ? 'ended' : 'cut', why ?? closedUnheard)
  }

  /** The job's time is up. */
  late(): void {
    this.#over('late', { failed: 'timeout', text: `no ${this.#reader?.heard === true ? 'complete ' : ''}answer in ${this.#job?.timeout} ms` })
  }

  close(): void {
    this.gone = true
    this.stream?.close()
    if (this.#job !== null) this.#take().done(sessionClosed, performance.now(), 0)
    this.#on.free(this, false)
  }

  #over(how: 'ended' | 'cut' | 'late', why: Failure = closedUnheard): void {
    const reader = this.#reader!
    if (reader.finish(how)) this.#told(reader.message())
    else this.#lost(why)
  }

  #told(message: Message): void {
    const job = this.#take()
    // Who refuses may not have read the body, and would take it for the next request.
    const kept = message.keep && !this.gone && !(job.loaded && message.status >= 400)
    const took = performance.now() - this.#began
    this.#used = true
    if (!kept) this.stream?.close()
    job.done(message, this.#began, took)
    this.#on.free(this, kept)
  }

  #lost(why: Failure): void {
    const unheard = this.#used && !this.#reader!.heard && (why.failed === 'closed' || why.failed === 'reset')
    const job = this.#take()
    this.gone = true
    this.stream?.close()
    if (unheard && !job.retried) this.#on.unheard(this, job, why)
    else job.done(why, this.#began, performance.now() - this.#began)
    this.#on.free(this, false)
  }

  #take(): Job {
    const job = this.#job!
    if (this.#calm !== null) clearTimeout(this.#calm)
    this.#calm = null
    this.#job = null
    this.#reader = null
    this.deadline = Number.POSITIVE_INFINITY
    return job
  }
}
