import type { Facts } from '#core/observation.ts'
import { failed } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Service, Sighting } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { dotEnd, mailProducts } from './mail-access.ts'
import { distroPart, productOf } from '../product.ts'

/**
 * POP3 (RFC 1939, 2449, 2595). Asks CAPA; where that leaves open whether a password may travel in the clear, USER alone. Facts: see FACTS.md.
 * Reproduce: `openssl s_client -starttls pop3 -connect HOST:110`.
 */
export const pop3: Service = {
  name: 'pop3',
  ports: [110],
  tlsPorts: [995],
  greets: (greeting) => /^\+OK\b/.test(textOf(greeting)),
  async look({ open, tls }) {
    const connection = await open()
    const greeting = await connection.read({ until: '\n', most: 2048 })
    if (failed(greeting)) return null
    const banner = textOf(greeting.bytes)
    if (!/^(?:\+OK|-ERR)\b/.test(banner)) return null
    connection.write('CAPA\r\n')
    const answer = await connection.read({ until: dotEnd, most: 8192 })
    if (failed(answer)) return null
    const text = textOf(answer.bytes)
    if (!/^(?:\+OK|-ERR)/.test(text)) return null
    const base = { ...productOf(`${banner}\n${/^IMPLEMENTATION (.+)$/im.exec(text)?.[1] ?? ''}`, mailProducts), ...distroPart(banner) }
    const capabilities = parseCapa(text)
    const facts: Record<string, Facts[string]> = { apop: /<[^<>@\s]{1,120}@[^<>\s]{1,120}>/.test(banner), capabilities: capabilities.names, mechanisms: capabilities.mechanisms }
    const sighting: Sighting = { ...base, facts, evidence: connection.evidence() }
    if (tls) return sighting
    facts.starttls = capabilities.names.includes('STLS')
    if (!capabilities.known) {
      connection.write('STLS\r\n')
      const upgrade = await connection.read({ until: '\n', most: 2048 })
      if (failed(upgrade)) return { ...sighting, evidence: connection.evidence(), incomplete: { code: upgrade.failed, text: upgrade.text } }
      facts.starttls = textOf(upgrade.bytes).startsWith('+OK')
      // It waits for a handshake now; the next question needs a connection of its own.
      if (facts.starttls) return { ...sighting, evidence: connection.evidence() }
    }
    facts.cleartextLogin = capabilities.names.includes('USER') || capabilities.mechanisms.some((name) => name === 'PLAIN' || name === 'LOGIN')
    if (!facts.cleartextLogin) {
      connection.write('USER vigil-check\r\n')
      const user = await connection.read({ until: '\n', most: 2048 })
      if (failed(user)) return { ...sighting, evidence: connection.evidence(), incomplete: { code: user.failed, text: user.text } }
      facts.cleartextLogin = textOf(user.bytes).startsWith('+OK')
    }
    connection.write('QUIT\r\n')
    return { ...sighting, evidence: connection.evidence() }
  },
}

export type Capabilities = Readonly<{ known: boolean; names: readonly string[]; mechanisms: readonly string[] }>

export function parseCapa(text: string): Capabilities {
  if (!text.startsWith('+OK')) return { known: false, names: [], mechanisms: [] }
  const lines = text.split('\n').slice(1, 101).map((line) => clean(line, 200).toUpperCase()).filter((line) => line !== '' && line !== '.')
  return {
    known: true,
    names: [...new Set(lines.map((line) => line.split(' ')[0] ?? ''))],
    mechanisms: lines.filter((line) => line.startsWith('SASL ')).flatMap((line) => line.split(/ +/).slice(1)),
  }
}
