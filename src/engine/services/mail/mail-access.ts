import { textOf } from '../../net/transcript.ts'
import type { ProductRule } from '../product.ts'

/** Products that speak POP3 and IMAP, by their greetings. */
export const mailProducts: readonly ProductRule[] = [
  { pattern: /Dovecot(?: \([^)]{1,40}\))?(?: (\d[\w.]{0,12}))?/i, product: 'Dovecot', cpe: 'dovecot:dovecot' },
  { pattern: /Cyrus (?:IMAP4?|POP3)[^\n]{0,80}? v?(\d[\w.]{0,16})/i, product: 'Cyrus', cpe: 'cyrus:imap' },
  { pattern: /Courier-IMAP|Courier Mail/i, product: 'Courier' },
  { pattern: /Microsoft Exchange/i, product: 'Microsoft Exchange' },
  { pattern: /hMailServer/i, product: 'hMailServer' },
  { pattern: /MDaemon (\d[\d.]{0,12})/i, product: 'MDaemon', cpe: 'altn:mdaemon' },
  { pattern: /QPOP \(version (\d[\w.]{0,12})/i, product: 'qpopper', cpe: 'eudora:qpopper' },
  { pattern: /IMAP4rev1 (20\d\d[a-z]?\.\d{1,4})/i, product: 'UW IMAP' },
  { pattern: /Zimbra/i, product: 'Zimbra', cpe: 'zimbra:collaboration' },
]

/** Ends at a line that is a dot alone, or after the first line when it is an error (RFC 2449). */
export function dotEnd(received: Uint8Array): number | null {
  const text = textOf(received)
  const first = text.indexOf('\n')
  if (first < 0) return null
  if (!text.startsWith('+OK')) return first + 1
  const end = /\n\.\r?\n/.exec(text)
  return end === null ? null : end.index + end[0].length
}

/** Ends after the line that carries the tag (RFC 3501 2.2.2). */
export function tagEnd(tag: string): (received: Uint8Array) => number | null {
  return (received) => {
    const text = textOf(received)
    let at = 0
    while (at < text.length) {
      const end = text.indexOf('\n', at)
      if (end < 0) return null
      if (text.startsWith(`${tag} `, at)) return end + 1
      at = end + 1
    }
    return null
  }
}
