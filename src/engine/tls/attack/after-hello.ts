import type { Exchange } from '#core/proof.ts'
import { failed, type Connection, type Failure } from '../../net.ts'
import type { Asker, Flight } from '../asker.ts'
import type { HelloOptions } from '../hello.ts'

/** `found`: null where no sure answer came. `shown`: the conversations that show a flaw. */
export type Verdict = Readonly<{ flaw: string; found: boolean | null; shown: readonly Exchange[]; text: string }>

/** Holds a conversation up to ServerHelloDone, then lets `next` go on. Null: it did not come that far. */
export async function afterHello<T>({ converse }: Asker, options: HelloOptions, next: (connection: Connection, flight: Flight, hello: Uint8Array, heard: Uint8Array) => Promise<T>): Promise<T | Failure | null> {
  const opened = await converse(options, ({ done }) => done)
  if (failed(opened)) return opened
  try {
    return opened.flight.hello !== null && opened.flight.done ? await next(opened.connection, opened.flight, opened.hello, opened.heard) : null
  } finally {
    opened.connection.close()
  }
}

export function record(type: number, version: number, data: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from([type, version >> 8, version & 255, data.length >> 8, data.length & 255]), data])
}

/** What came back, as a word: `alert 20`, `record 24`, `closed`, `silent`. Bytes beyond the first record's head are not looked at. */
export async function answerOf(connection: Connection, timeout: number): Promise<string> {
  const answer = await connection.read({ until: (bytes) => (bytes.length >= 5 && bytes.length >= 5 + (bytes[0] === 21 ? 2 : 0) ? bytes.length : null), timeout, most: 65_536 })
  if (failed(answer)) return answer.failed === 'timeout' ? 'silent' : answer.failed === 'reset' ? 'reset' : `lost ${answer.failed}`
  const [type, , , high = 0, low = 0] = answer.bytes
  if (answer.bytes.length < 5) return 'closed'
  return type === 21 ? `alert ${high * 256 + low === 2 ? answer.bytes[6] : 'unreadable'}` : `record ${type}, ${high * 256 + low} bytes`
}
