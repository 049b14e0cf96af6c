import type { Exchange } from '#core/proof.ts'
import { evidenceOf } from '../net/transcript.ts'
import type { Bytes, Connection, Failure, Net, ReadOptions, Stream, StreamEvents, TlsSession } from '../net.ts'
import { endpointText, openShelf, type Recorded, type Shelf } from './recorded.ts'

const unknown: Failure = { failed: 'timeout', text: 'the proof holds no answer to this' }
const session: TlsSession = { version: '', cipher: '', alpn: null, chain: [], trustError: null }

/**
 * A net with nothing behind it but the conversations of a proof: whoever asks what was asked then hears what was answered then. What was not asked then is not
 * answered, so that a look repeated over it sees no more than was seen.
 */
export function replayNet(exchanges: readonly Exchange[]): Net {
  const shelf = openShelf(exchanges)
  const isThere = (address: string, port: number): boolean => shelf.has(endpointText({ address, port }))
  return {
    packets: { method: 'replay', why: 'answers come from a proof' },
    look: () => Promise.resolve(null),
    patience: () => 100,
    knock: async ({ address, port }) => (isThere(address, port) ? 'open' : unknown),
    async *sweep(address, ports) {
      const all = Uint16Array.from(ports)
      yield { state: 'open', ports: all.filter((port) => isThere(address, port)) }
      yield { state: 'silent', ports: all.filter((port) => !isThere(address, port)), failure: unknown }
    },
    async ask(to, datagrams) {
      const answers = shelf.datagrams(endpointText(to), datagrams)
      return answers.length === 0 ? unknown : { answers, evidence: evidenceOf(Buffer.concat([...datagrams]), Buffer.concat([...answers])) }
    },
    async connect(to, options) {
      return shelf.has(endpointText(to)) ? connectionOver(openTalk(shelf, endpointText(to)), options?.tls === undefined ? null : session) : unknown
    },
    async stream(to, on, options) {
      return shelf.has(endpointText(to)) ? streamOver(openTalk(shelf, endpointText(to)), on, options?.tls === undefined ? null : session) : unknown
    },
  }
}

type Talk = Readonly<{
  say(bytes: Uint8Array): void
  /** What the other side says next; null when it waits for us. */
  hear(): Uint8Array | null
  /** It hung up. */
  isOver(): boolean
}>

/** Walks through recorded conversations: within one as long as what is said is what was said, and on to another when it was through. */
function openTalk(shelf: Pick<Shelf, 'pick' | 'follow'>, to: string): Talk {
  let current: Recorded | null = null
  let turn = 0
  let said = Buffer.alloc(0)
  let lost = false

  function begin(recorded: Recorded | null, from = 0): void {
    current = recorded
    turn = from
    lost = recorded === null
  }

  return {
    say(bytes) {
      said = Buffer.concat([said, bytes])
      const expected = current !== null && turn % 2 === 0 ? current.turns[turn] : undefined
      const goesOn = expected !== undefined && expected.length >= said.length && Buffer.compare(expected.subarray(0, said.length), said) === 0
      if (goesOn) return
      // What was said over two connections then may be said over one now.
      const next = current !== null && turn > 0 && turn % 2 === 0 ? shelf.follow(to, current.turns.slice(0, turn), said) : null
      if (next === null) begin(shelf.pick(to, said))
      else begin(next.talk, next.turn)
    },
    hear() {
      if (current === null && !lost && said.length === 0) begin(shelf.pick(to, said))
      if (current === null) return null
      if (turn % 2 === 0) {
        const wanted = current.turns[turn]
        // As long as it is: what differs in it was chance.
        if (wanted === undefined || said.length < wanted.length) return null
        said = Buffer.alloc(0)
        turn += 1
      }
      const heard = current.turns[turn]
      if (heard === undefined) return null
      turn += 1
      return heard
    },
    isOver: () => lost || (current !== null && turn >= current.turns.length && current.ended),
  }
}

function connectionOver(talk: Talk, tls: TlsSession | null): Connection {
  let held = Buffer.alloc(0)
  let secured = tls
  const enough = ({ until, most = 65_536 }: ReadOptions): number | null => {
    if (until === undefined) return held.length === 0 ? null : Math.min(held.length, most)
    if (typeof until === 'function') return held.length === 0 ? null : until(held)
    const at = held.indexOf(until)
    return at < 0 ? null : at + Buffer.byteLength(until)
  }
  return {
    get tls() {
      return secured
    },
    write: (bytes) => talk.say(typeof bytes === 'string' ? Buffer.from(bytes) : bytes),
    async read(options = {}): Promise<Bytes | Failure> {
      for (;;) {
        const length = enough(options)
        const heard = length === null ? talk.hear() : null
        if (heard !== null) held = Buffer.concat([held, heard])
        else if (length !== null || talk.isOver()) {
          const taken = held.subarray(0, length ?? held.length)
          held = held.subarray(taken.length)
          return { bytes: taken, ended: length === null }
        } else return unknown
      }
    },
    async upgrade() {
      secured = session
      held = Buffer.alloc(0)
      return true
    },
    evidence: (note) => ({ sent: '', received: '', ...(note === undefined ? {} : { note }) }),
    exchange: () => ({ over: secured === null ? 'tcp' : 'tls', to: '', sent: '', received: '', cut: false, at: 0, took: 0 }),
    close: () => {},
  }
}

function streamOver(talk: Talk, on: StreamEvents, tls: TlsSession | null): Stream {
  let closed = false
  const deliver = (): void => {
    if (closed) return
    for (let heard = talk.hear(); heard !== null && !closed; heard = talk.hear()) on.data(Buffer.from(heard), heard.length)
    if (closed || !talk.isOver()) return
    closed = true
    on.end(null)
  }
  return {
    tls,
    alpn: null,
    write(bytes) {
      talk.say(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
      setImmediate(deliver)
    },
    close: () => void (closed = true),
  }
}
