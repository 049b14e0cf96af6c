import type { Connection, ReadOptions } from '../net.ts'

/** A connection whose greeting was heard already, as it would be if nobody had listened: it comes again with the next read. */
export function unheard(connection: Connection, greeting: Uint8Array): Connection {
  let left = greeting

  function take(length: number): Uint8Array {
    const taken = left.subarray(0, length)
    left = left.subarray(taken.length)
    return taken
  }

  return {
    get tls() {
      return connection.tls
    },
    write: (bytes) => connection.write(bytes),
    async read(options: ReadOptions = {}) {
      if (left.length === 0) return connection.read(options)
      const enough = enoughOf(options.until)
      if (enough === null) return { bytes: take(options.most ?? left.length), ended: false }
      const length = enough(left)
      if (length !== null && length <= left.length) return { bytes: take(length), ended: false }
      // What follows belongs to it.
      const before = left
      const more = await connection.read({
        ...options, ...(options.most === undefined ? {} : { most: Math.max(1, options.most - before.length) }),
        until: (received) => {
          const whole = enough(Buffer.concat([before, received]))
          return whole === null ? null : Math.max(0, whole - before.length)
        },
      })
      if ('failed' in more) return more
      return { bytes: Buffer.concat([take(before.length), more.bytes]), ended: more.ended }
    },
    upgrade(options) {
      // What was said in the clear does not count as said inside TLS.
      left = new Uint8Array()
      return connection.upgrade(options)
    },
    evidence: (note) => connection.evidence(note),
    exchange: (note) => connection.exchange(note),
    close: () => connection.close(),
  }
}

function enoughOf(until: ReadOptions['until']): ((received: Uint8Array) => number | null) | null {
  if (typeof until !== 'string') return until ?? null
  return (received) => {
    const at = Buffer.from(received.buffer, received.byteOffset, received.byteLength).indexOf(until)
    return at < 0 ? null : at + Buffer.byteLength(until)
  }
}
