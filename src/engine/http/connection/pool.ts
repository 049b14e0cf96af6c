import { failed, type Endpoint, type Failure, type Net, type Resumption, type TlsOptions } from '../../net.ts'
import { Line, sessionClosed, type Job, type LineEvents, type Owner } from './line.ts'

/** The connections to one port under one name, kept alive and used again by all sessions that join. */
export interface Pool {
  join(): void
  /** What this session still waits for is over. The last one to leave leaves a connection for who comes soon. */
  leave(owner: Owner): void
  send(job: Job): void
  /** Over a connection of its own. */
  alone(job: Job): void
}

export type PoolOptions = Readonly<{
  net: Net
  to: Endpoint
  tls: TlsOptions | undefined
  /** Connections at once. */
  most: number
  /** Bytes after which a connection is given up for a fresh one, before the net's own bound cuts it. */
  heardMost: number
  /** Ms for which a connection waits when nobody is there; 0: not at all. */
  linger: number
  /** Nobody is there, and nothing is open. */
  empty(): void
}>

/** Ms between looks at what is late, and after which an unused connection is hung up. */
const tick = 25
const idleMost = 2000

export function openPool({ net, to, tls: security, most, heardMost, linger, empty }: PoolOptions): Pool {
  const resume: Resumption = { ticket: null }
  const tls = security === undefined ? undefined : { ...security, resume }
  const lines = new Set<Line>()
  const idle: Line[] = []
  const queue: Job[] = []
  let opening = 0
  let users = 0
  let timer: NodeJS.Timeout | null = null
  const on: LineEvents = {
    free(line, kept) {
      if (!kept || line.alone || line.heard > heardMost) return drop(line)
      const next = queue.shift()
      if (next !== undefined) return line.send(next, performance.now())
      if (users === 0 && (linger === 0 || idle.length > 0)) return drop(line)
      line.idleSince = performance.now()
      idle.push(line)
    },
    unheard(_, job) {
      // The server closed while the request was on its way: that says nothing of the request, but much of the other idle ones.
      for (const other of idle.splice(0)) other.close()
      job.retried = true
      carry(job, false)
    },
  }

  function drop(line: Line): void {
    if (!lines.delete(line)) return
    if (!line.gone) line.close()
    const at = idle.indexOf(line)
    if (at >= 0) idle.splice(at, 1)
    pump()
    if (users === 0 && lines.size === 0) empty()
  }

  async function open(): Promise<Line | Failure> {
    const line = new Line(on)
    const options = tls === undefined ? {} : { tls }
    const resumed = resume.ticket !== null
    let stream = await net.stream(to, line, options)
    if (failed(stream) && resumed && (stream.failed === 'tls' || stream.failed === 'reset')) {
      // It may have forgotten what it gave us: once more as a stranger.
      resume.ticket = null
      stream = await net.stream(to, line, options)
    }
    if (failed(stream)) return stream
    line.stream = stream
    if (line.gone) {
      stream.close()
      return { failed: 'closed', text: 'the server closed at once' }
    }
    lines.add(line)
    watch()
    return line
  }

  function carry(job: Job, alone: boolean): void {
    open().then((line) => {
      if (failed(line)) return job.done(line, performance.now(), 0)
      if (job.owner.closed) {
        drop(line)
        return job.done(sessionClosed, performance.now(), 0)
      }
      line.alone = alone
      line.send(job, performance.now())
    }, job.refused)
  }

  /** More lines while somebody waits and there may be more. */
  function pump(): void {
    while (queue.length > opening && lines.size + opening < most) {
      opening += 1
      open().then((line) => {
        opening -= 1
        if (failed(line)) {
          // While others speak, this only says that the server takes no more of them.
          if (lines.size === 0) queue.shift()?.done(line, performance.now(), 0)
          return pump()
        }
        on.free(line, true)
      }, (error: unknown) => {
        opening -= 1
        for (const job of queue.splice(0)) job.refused(error)
      })
    }
  }

  function watch(): void {
    timer ??= setInterval(() => {
      const now = performance.now()
      // When we were busy, the answer may lie there unread: what is there is read first.
      for (const line of lines) if (line.deadline <= now) setImmediate(() => line.deadline <= now && line.late())
      while (idle.length > 0 && now - idle[0]!.idleSince > (users === 0 ? linger : idleMost)) drop(idle[0]!)
      if (lines.size > 0 || timer === null) return
      clearInterval(timer)
      timer = null
    }, tick).unref()
  }

  return {
    send(job) {
      const line = idle.pop()
      if (line !== undefined) return line.send(job, performance.now())
      queue.push(job)
      pump()
    },
    alone: (job) => carry(job, true),
    join: () => void (users += 1),
    leave(owner) {
      owner.closed = true
      users -= 1
      for (const job of queue.filter((one) => one.owner === owner)) {
        queue.splice(queue.indexOf(job), 1)
        job.done(sessionClosed, performance.now(), 0)
      }
      for (const line of lines) if (line.owner === owner) drop(line)
      if (users > 0) return
      while (idle.length > (linger === 0 ? 0 : 1)) drop(idle[0]!)
      if (lines.size === 0) empty()
    },
  }
}
