import { textOf } from '../../net/transcript.ts'
import type { UdpService } from '../../service.ts'
import { clean, parse } from '../wire/byte-reader.ts'
import { amplification } from './amplification.ts'

/**
 * SQL Server's browser: asks which instances there are.
 * Facts: see FACTS.md. Reproduce: nmap's `ms-sql-info`. Source: MS-SQLR 2.2.
 */
export const sqlBrowser: UdpService = {
  name: 'ms-sql-browser',
  ports: [1434],
  async look({ ask }) {
    const question = Uint8Array.of(3)
    const { answers, evidence } = await ask([question])
    const instances = readSqlBrowser(answers[0]!)
    return instances === null ? null : { facts: { instances, amplification: amplification(question, answers) }, evidence }
  },
}

/** Each as `NAME VERSION tcp/PORT`. */
export function readSqlBrowser(bytes: Uint8Array): readonly string[] | null {
  return parse(bytes, (reader) => {
    if (reader.u8() !== 5 || reader.u16le() !== reader.left) return null
    const text = textOf(reader.rest())
    if (!text.startsWith('ServerName;')) return null
    return text.split(';;').filter((one) => one !== '').slice(0, 32).map((one) => {
      const words = one.split(';')
      const of = (name: string): string => clean(words[words.indexOf(name) + 1] ?? '', 60)
      return [of('InstanceName'), words.includes('Version') ? of('Version') : '', words.includes('tcp') ? `tcp/${of('tcp')}` : ''].filter((part) => part !== '').join(' ')
    })
  })
}
