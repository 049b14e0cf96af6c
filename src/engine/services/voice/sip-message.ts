import { randomBytes } from 'node:crypto'
import { textOf } from '../../net/transcript.ts'

export type SipRequest = Readonly<{ text: string; call: string }>
export type SipTransport = 'UDP' | 'TCP' | 'TLS'
/** NOTHING is no method: whoever grants it grants whatever is asked. */
export type SipMethod = 'OPTIONS' | 'REGISTER' | 'NOTHING'

/**
 * A request without a body from and to a name that nobody has, so that no account is touched. REGISTER names no contact: it asks what is registered and changes nothing (RFC 3261, 10.2.3).
 * Answers come back to where it was sent from, whatever the name in Via (RFC 3581).
 */
export function sipRequest(method: SipMethod, host: string, transport: SipTransport): SipRequest {
  const call = `${randomBytes(8).toString('hex')}@vigil.invalid`
  const someone = `vigil-${randomBytes(4).toString('hex')}`
  const at = host.includes(':') ? `[${host}]` : host
  const own = method !== 'OPTIONS' ? `sip:${someone}@${at}` : 'sip:vigil@vigil.invalid'
  const lines = [
    `${method} sip:${at} SIP/2.0`, `Via: SIP/2.0/${transport} vigil.invalid;branch=z9hG4bK${randomBytes(6).toString('hex')};rport`, 'Max-Forwards: 70', `From: <${own}>;tag=${randomBytes(4).toString('hex')}`,
    `To: <${method !== 'OPTIONS' ? own : `sip:${at}`}>`, `Call-ID: ${call}`, `CSeq: 1 ${method}`, 'Accept: application/sdp', 'Content-Length: 0', '', '',
  ]
  return { text: lines.join('\r\n'), call }
}

export type SipAnswer = Readonly<{ status: number; reason: string; header(name: string): string | null; all(name: string): readonly string[] }>

/** Short forms of names, RFC 3261, 7.3.3. */
const compact: Readonly<Record<string, string>> = { i: 'call-id', l: 'content-length', k: 'supported', v: 'via', f: 'from', t: 'to', m: 'contact' }
const mostHeaders = 100

/** The answer to the call; null when the bytes are none. */
export function readSip(bytes: Uint8Array, call: string): SipAnswer | null {
  const [head = ''] = textOf(bytes).slice(0, 16_384).split(/\r?\n\r?\n/, 1)
  const [first = '', ...lines] = head.split(/\r?\n/, mostHeaders + 1)
  const line = /^SIP\/2\.0 ([1-6]\d\d)(?: ([^\r\n]{0,100}))?/.exec(first)
  if (line === null) return null
  const fields = new Map<string, string[]>()
  for (const one of lines) {
    const field = /^([A-Za-z0-9!%*_+`'~.-]{1,40})[ \t]*:[ \t]*(.*)$/.exec(one)
    if (field === null) continue
    const name = field[1]!.toLowerCase()
    const known = compact[name] ?? name
    fields.set(known, [...(fields.get(known) ?? []), field[2]!.trim().slice(0, 500)])
  }
  const all = (name: string): readonly string[] => fields.get(name) ?? []
  // Whoever answers a call that we did not make is no server of ours to judge.
  if (all('call-id')[0] !== call) return null
  return { status: Number(line[1]), reason: line[2] ?? '', header: (name) => all(name)[0] ?? null, all }
}

/** Length of a whole answer that is not provisional, over a stream; null: not yet. */
export function sipEnd(received: Uint8Array): number | null {
  const text = textOf(received)
  for (let at = 0; ;) {
    const head = text.indexOf('\r\n\r\n', at)
    if (head < 0) return null
    const length = Number(/\r\n(?:content-length|l)[ \t]*:[ \t]*(\d{1,5})/i.exec(text.slice(at, head))?.[1] ?? 0)
    const end = head + 4 + length
    if (end > text.length) return null
    if (!text.startsWith('SIP/2.0 1', at)) return end
    at = end
  }
}
