import { bytesOf, clean, parse, u32, type ByteReader } from '../wire/byte-reader.ts'

/** `R`: `code` says how to log in, `value` lists mechanisms. `S`: parameter `name` = `value`. `E`: `name` is the SQLSTATE, `value` the text. */
export type Message = Readonly<{ type: string; code: number; name: string; value: string }>

const mostMessages = 200

/** StartupMessage of protocol 3.0; the database is that of the same name. */
export function startup(user: string): Uint8Array {
  const body = bytesOf(u32(196_608), 'user', 0, user, 0, 'database', 0, user, 0, 'application_name', 0, 'vigil', 0, 0)
  return bytesOf(u32(body.length + 4), body)
}

/** Enough: an error, ReadyForQuery, or a demand for a login. */
export function messagesEnd(received: Uint8Array): number | null {
  let at = 0
  while (at + 5 <= received.length) {
    const type = String.fromCharCode(received[at]!)
    const length = ((received[at + 1]! << 24) | (received[at + 2]! << 16) | (received[at + 3]! << 8) | received[at + 4]!) >>> 0
    if (!/[A-Za-z]/.test(type) || length < 4 || length > 65_536) return received.length
    if (at + 1 + length > received.length) return null
    const granted = type === 'R' && length === 8 && received.subarray(at + 5, at + 9).every((byte) => byte === 0)
    at += 1 + length
    if (type === 'E' || type === 'Z' || (type === 'R' && !granted)) return at
  }
  return null
}

/** Null unless the bytes are whole messages of a kind that a server says at the start. */
export function parseMessages(bytes: Uint8Array): readonly Message[] | null {
  return parse(bytes, (reader) => {
    const messages: Message[] = []
    while (reader.left >= 5 && messages.length < mostMessages) {
      const type = reader.text(1)
      if (!/[RSKZENv]/.test(type)) return null
      const length = reader.u32()
      if (length < 4 || length > 65_536) return null
      const content = parse(reader.take(length - 4), (inner) => readContent(type, inner))
      if (content === null) return null
      messages.push({ type, ...content })
    }
    return messages
  })
}

function readContent(type: string, reader: ByteReader): Omit<Message, 'type'> {
  if (type === 'R') {
    const code = reader.u32()
    return { code, name: '', value: clean(reader.text(Math.min(reader.left, 512)).split('\0').join(' '), 200) }
  }
  const texts = reader.text(Math.min(reader.left, 4096)).split('\0')
  if (type === 'S') return { code: 0, name: clean(texts[0] ?? '', 80), value: clean(texts[1] ?? '', 200) }
  if (type !== 'E') return { code: 0, name: '', value: '' }
  const field = (letter: string): string => texts.find((text) => text.startsWith(letter))?.slice(1) ?? ''
  return { code: 0, name: /^[0-9A-Z]{5}$/.exec(field('C'))?.[0] ?? '', value: clean(field('M'), 200) }
}

const methods: Readonly<Record<number, string>> = { 0: 'trust', 2: 'kerberos', 3: 'password', 5: 'md5', 7: 'gss', 8: 'gss', 9: 'sspi', 10: 'scram-sha-256' }

export function authMethodOf(message: Message): string {
  if (message.code === 10 && !/SCRAM-SHA-256/.test(message.value)) return 'unknown'
  return methods[message.code] ?? 'unknown'
}
