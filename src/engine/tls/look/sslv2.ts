import type { Exchange } from '#core/proof.ts'
import { failed } from '../../net.ts'
import type { Asker } from '../asker.ts'
import { readSslv2, sslv2End, sslv2Hello, type Sslv2Answer } from '../sslv2.ts'

export async function lookSslv2({ dial, log }: Asker): Promise<Readonly<{ state: 'accepted' | 'refused' | 'unknown'; answer: Sslv2Answer | null; exchange: Exchange | null }>> {
  const connection = await dial()
  log.sent.push('CLIENT-HELLO SSLv2')
  if (failed(connection)) return { state: 'unknown', answer: null, exchange: null }
  try {
    connection.write(sslv2Hello())
    const read = await connection.read({ until: sslv2End })
    if (failed(read) && read.failed !== 'reset') return { state: 'unknown', answer: null, exchange: null }
    const answer = failed(read) ? null : readSslv2(read.bytes)
    log.received.push(answer === null ? 'refused' : 'SERVER-HELLO SSLv2')
    return { state: answer === null ? 'refused' : 'accepted', answer, exchange: connection.exchange('SSL 2') }
  } finally {
    connection.close()
  }
}
