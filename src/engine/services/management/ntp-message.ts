import { bytesOf, clean, malformed, parse, u16 } from '../wire/byte-reader.ts'

/** A client's request, version 4 (RFC 5905). Only the mode matters; an empty transmit time tells nothing of us. */
export function ntpTime(): Uint8Array {
  return bytesOf(0x23, new Uint8Array(47))
}

/** READVAR of association 0 in a control message (mode 6, version 2 as every implementation takes it; RFC 9327). */
export function ntpControl(): Uint8Array {
  return bytesOf(0x16, 2, u16(1), u16(0), u16(0), u16(0), u16(0))
}

/** MON_GETLIST_1 of implementation XNTPD in a private message (mode 7, version 2), 192 bytes as old servers demand. */
export function ntpMonlist(): Uint8Array {
  return bytesOf(0x17, 0, 3, 42, new Uint8Array(188))
}

export type NtpTime = Readonly<{ leap: number; version: number; stratum: number; refid: string }>

export function readNtpTime(bytes: Uint8Array): NtpTime | null {
  return parse(bytes, (reader) => {
    const first = reader.u8()
    if ((first & 7) !== 4 || bytes.length < 48) malformed('mode')
    const stratum = reader.u8()
    reader.skip(10)
    const refid = reader.take(4)
    // Below stratum 2 the reference is a name such as GPS, above it an address.
    return {
      leap: first >>> 6,
      version: (first >>> 3) & 7,
      stratum,
      refid: stratum < 2 ? clean(Buffer.from(refid).toString('latin1')) : refid.join('.'),
    }
  })
}

export type NtpControl = Readonly<{ error: boolean; more: boolean; offset: number; text: string }>

export function readNtpControl(bytes: Uint8Array): NtpControl | null {
  return parse(bytes, (reader) => {
    const first = reader.u8()
    const operation = reader.u8()
    if ((first & 7) !== 6 || (operation & 0x80) === 0 || (operation & 0x1f) !== 2) malformed('control')
    reader.skip(6)
    const offset = reader.u16()
    return {
      error: (operation & 0x40) !== 0,
      more: (operation & 0x20) !== 0,
      offset,
      text: reader.text(Math.min(reader.u16(), reader.left)),
    }
  })
}

export type NtpPrivate = Readonly<{ error: number; more: boolean; items: number }>

export function readNtpPrivate(bytes: Uint8Array): NtpPrivate | null {
  return parse(bytes, (reader) => {
    const first = reader.u8()
    if ((first & 7) !== 7 || (first & 0x80) === 0) malformed('private')
    reader.skip(3)
    const items = reader.u16()
    return { error: items >>> 12, more: (first & 0x40) !== 0, items: items & 0x0fff }
  })
}

/** `name="value", name=value` as READVAR lists them; at most 64 variables. */
export function variablesOf(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const [, name, quoted, plain] of text
    .slice(0, 8192)
    .matchAll(/([a-z_0-9.]{1,40})=(?:"([^"]{0,400})"|([^,\s]{0,400}))/gi)) {
    if (found.size >= 64) break
    found.set(name!.toLowerCase(), clean(quoted ?? plain ?? ''))
  }
  return found
}
