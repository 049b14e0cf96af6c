/**
 * Text as the engine keeps it: bytes, one character a byte (Latin-1). What a template says is text in UTF-8, what a target says is whatever it is; both are compared as bytes.
 */
export function bytesOf(text: string): string {
  if (!/[\u0080-\uffff]/.test(text)) return text
  let bytes = ''
  for (const letter of text) bytes += encoded(letter.codePointAt(0)!)
  return bytes
}

/** One code point in UTF-8. */
export function encoded(code: number): string {
  if (code < 0x80) return String.fromCharCode(code)
  if (code < 0x800) return String.fromCharCode(0xc0 | (code >> 6), 0x80 | (code & 63))
  if (code < 0x10000) return String.fromCharCode(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
  return String.fromCharCode(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63))
}

/** The text that bytes are in UTF-8; a byte that belongs to none becomes U+FFFD, as in Go. */
export function textOf(bytes: string): string {
  if (!/[\x80-\xff]/.test(bytes)) return bytes
  return bytes.replace(sequence, (one) => {
    const [a, b, c, d] = [one.charCodeAt(0), one.charCodeAt(1) & 63, one.charCodeAt(2) & 63, one.charCodeAt(3) & 63]
    if (one.length === 2) return String.fromCharCode(((a & 31) << 6) | b)
    if (one.length === 3) return String.fromCharCode(((a & 15) << 12) | (b << 6) | c)
    return one.length === 4 ? String.fromCodePoint(((a & 7) << 18) | (b << 12) | (c << 6) | d) : '�'
  })
}

const sequence = /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g

/** Lower case as Go does it: of the text that the bytes are. Bytes of other encodings stay as they are. */
export function lowered(bytes: string): string {
  return cased(bytes, (text) => text.toLowerCase())
}

export function raised(bytes: string): string {
  return cased(bytes, (text) => text.toUpperCase())
}

function cased(bytes: string, change: (text: string) => string): string {
  if (!/[\x80-\xff]/.test(bytes)) return change(bytes)
  return bytes.replace(/[^\x80-\xff]+|(?:[\xc2-\xf4][\x80-\xbf]{1,3})+/g, (run) => (run.charCodeAt(0) < 0x80 ? change(run) : bytesOf(change(textOf(run)))))
}
