import { failed } from '../../net.ts'
import type { Service, Sighting } from '../../service.ts'
import { bytesOf, clean, parse, u16le } from '../wire/byte-reader.ts'
import { cpeOf } from '../product.ts'

/**
 * X11. Sends the connection set-up without a cookie and reads the answer; no request follows.
 * Facts: `auth` (false: a stranger may see and type), `vendor`, `release`, `protocol`, `screens`; `reason` of a refusal.
 * Reproduce: `xdpyinfo -display HOST:N`. Source: X Window System Protocol, chapter 8.
 */
export const x11: Service = {
  name: 'x11',
  ports: [6000, 6001, 6002, 6003, 6004, 6005],
  guess: 95,
  async look({ open }) {
    const connection = await open()
    connection.write(x11Setup())
    const answer = await connection.read({ until: x11Length, most: 262_144 })
    const setup = failed(answer) ? null : readX11(answer.bytes)
    if (setup === null) return null
    const evidence = connection.evidence(
      setup.open ? 'The set-up was accepted without a cookie; nothing was requested' : undefined,
    )
    if (!setup.open) return { facts: { auth: true, protocol: setup.protocol, reason: setup.reason }, evidence }
    return {
      ...serverOf(setup.vendor, setup.release),
      facts: { auth: false, protocol: setup.protocol, vendor: setup.vendor, release: setup.release, screens: setup.screens },
      evidence,
    }
  },
}

/** Little-endian, protocol 11.0, no authorization. */
export function x11Setup(): Uint8Array {
  return bytesOf(0x6c, 0, u16le(11), u16le(0), u16le(0), u16le(0), u16le(0))
}

/** The answer says its length in units of four bytes. */
export function x11Length(received: Uint8Array): number | null {
  if (received.length < 8) return null
  const length = 8 + 4 * (received[6]! + 256 * received[7]!)
  return received[0]! > 2 || received.length >= length ? Math.min(length, received.length) : null
}

export type X11Answer = Readonly<
  | { open: false; protocol: string | null; reason: string | null }
  | { open: true; protocol: string; vendor: string; release: number; screens: number }
>

export function readX11(bytes: Uint8Array): X11Answer | null {
  return parse(bytes, (reader) => {
    const status = reader.u8()
    const reasonLength = reader.u8()
    const [major, minor] = [reader.u16le(), reader.u16le()]
    const length = reader.u16le() * 4
    if (length !== reader.left) return null
    if (status === 2) return { open: false, protocol: null, reason: clean(reader.text(reader.left)) }
    if (major !== 11) return null
    const protocol = `${major}.${minor}`
    if (status === 0) return { open: false, protocol, reason: clean(reader.text(reasonLength)) }
    if (status !== 1) return null
    const release = reader.u32le()
    reader.skip(12)
    const vendorLength = reader.u16le()
    reader.skip(2)
    const screens = reader.u8()
    reader.skip(11)
    return { open: true, protocol, release, screens, vendor: clean(reader.text(vendorLength)) }
  })
}

/** X.Org writes 21.1.7 as 12101007 and 1.20.11 as 12011000: a leading 1, then two digits a part and what is left. */
export function xorgVersion(release: number): string | null {
  if (release < 11_000_000 || release > 13_000_000) return null
  const rest = release - 10_000_000
  const [major, minor, patch] = [Math.floor(rest / 100_000), Math.floor((rest % 100_000) / 1000), rest % 1000]
  return release >= 12_100_000 ? `${major}.${minor}.${patch}` : `1.${major}.${minor}`
}

function serverOf(vendor: string, release: number): Pick<Sighting, 'product' | 'version' | 'cpe'> {
  if (!/X\.Org Foundation/i.test(vendor)) return /TigerVNC/i.test(vendor) ? { product: 'TigerVNC' } : {}
  const version = xorgVersion(release)
  return { product: 'X.Org', ...(version === null ? {} : { version }), cpe: cpeOf('x.org:x_server', version ?? undefined) }
}
