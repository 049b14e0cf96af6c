import { failed } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Service } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { mailProducts, tagEnd } from './mail-access.ts'
import { distroPart, productOf } from '../product.ts'

/**
 * IMAP (RFC 3501, 2971). Asks CAPABILITY, and ID where it is offered. Facts: see FACTS.md.
 * Reproduce: `openssl s_client -starttls imap -connect HOST:143`.
 */
export const imap: Service = {
  name: 'imap',
  ports: [143],
  tlsPorts: [993],
  greets: (greeting) => /^\* (?:OK|PREAUTH|BYE)\b/i.test(textOf(greeting)),
  async look({ open, tls }) {
    const connection = await open()
    const greeting = await connection.read({ until: '\n', most: 4096 })
    if (failed(greeting)) return null
    const banner = textOf(greeting.bytes)
    const kind = /^\* (OK|PREAUTH|BYE)\b/i.exec(banner)?.[1]?.toUpperCase()
    if (kind === undefined) return null
    connection.write('v1 CAPABILITY\r\n')
    const answer = await connection.read({ until: tagEnd('v1'), most: 16_384 })
    if (failed(answer)) return null
    const capabilities = parseCapabilities(textOf(answer.bytes))
    if (capabilities === null) {
      if (kind !== 'BYE') return null
      return { ...productOf(banner, mailProducts), ...distroPart(banner), facts: {}, evidence: connection.evidence(), incomplete: { code: 'closed', text: 'the server said BYE' } }
    }
    let id = ''
    if (capabilities.includes('ID')) {
      connection.write('v2 ID NIL\r\n')
      const said = await connection.read({ until: tagEnd('v2'), most: 8192 })
      if (!failed(said)) id = parseId(textOf(said.bytes))
    }
    connection.write('v3 LOGOUT\r\n')
    const loginDisabled = capabilities.includes('LOGINDISABLED')
    return {
      ...productOf(`${id}\n${banner}`, mailProducts),
      ...distroPart(banner),
      facts: {
        capabilities,
        mechanisms: capabilities.filter((name) => name.startsWith('AUTH=')).map((name) => name.slice(5)),
        preauth: kind === 'PREAUTH',
        ...(tls ? {} : { starttls: capabilities.includes('STARTTLS'), loginDisabled, cleartextLogin: !loginDisabled }),
      },
      evidence: connection.evidence(),
    }
  },
}

/** Null when no `* CAPABILITY` line with an IMAP version is in the answer. */
export function parseCapabilities(text: string): readonly string[] | null {
  const line = /^\* CAPABILITY ([^\r\n]{1,4000})/im.exec(text)?.[1]
  if (line === undefined) return null
  const names = [...new Set(line.toUpperCase().split(/ +/).map((name) => clean(name, 80)).filter((name) => name !== ''))].slice(0, 200)
  return names.some((name) => name.startsWith('IMAP')) ? names : null
}

/** `* ID ("name" "Dovecot" "version" "2.3")` → `Dovecot 2.3`. */
export function parseId(text: string): string {
  const list = /^\* ID \(([^\r\n]{0,2000})\)/im.exec(text)?.[1] ?? ''
  const value = (name: string): string => new RegExp(`"${name}" "([^"]{1,80})"`, 'i').exec(list)?.[1] ?? ''
  return `${value('name')} ${value('version')}`.trim()
}
