import { Duplex } from 'node:stream'
import { failed, type Connection } from '../net.ts'

/**
 * A connection as a Node stream, for libraries that want a socket. What is not read by the library is not read from the target. `patience`: ms of silence after which it
 * ends with an error.
 */
export function duplexOver(connection: Connection, patience: number): Duplex {
  let reading = false
  const stream = new Duplex({
    allowHalfOpen: false,
    write(bytes: Buffer, _encoding, done) {
      connection.write(bytes)
      done()
    },
    read() {
      if (!reading) void pull()
    },
    final(done) {
      connection.close()
      done()
    },
    destroy(error, done) {
      connection.close()
      done(error)
    },
  })

  async function pull(): Promise<void> {
    reading = true
    try {
      for (;;) {
        const heard = await connection.read({ until: (received) => received.length, timeout: patience })
        if (stream.destroyed) return
        if (failed(heard)) return void stream.destroy(Object.assign(new Error(heard.text), { code: heard.failed }))
        const more = heard.bytes.length === 0 || stream.push(heard.bytes)
        if (heard.ended) return void stream.push(null)
        if (!more) return
      }
    } catch (error) {
      stream.destroy(error instanceof Error ? error : new Error('the connection failed'))
    } finally {
      reading = false
    }
  }

  return stream
}
