import { failed, type Connection } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Service, Sighting } from '../../service.ts'
import { clean, exactly, u32 } from '../wire/byte-reader.ts'

const names: Readonly<Record<number, string>> = Object.freeze({
  1: 'None',
  2: 'VNC Authentication',
  5: 'RA2',
  6: 'RA2ne',
  16: 'Tight',
  17: 'Ultra',
  18: 'TLS',
  19: 'VeNCrypt',
  20: 'SASL',
  21: 'MD5',
  22: 'xvp',
  30: 'Apple',
  33: 'Apple 33',
  35: 'Apple 35',
  36: 'Apple 36',
  113: 'MSLogonII',
  129: 'RA2_256',
  130: 'RA2ne_256',
  256: 'Plain',
  257: 'TLSNone',
  258: 'TLSVnc',
  259: 'TLSPlain',
  260: 'X509None',
  261: 'X509Vnc',
  262: 'X509Plain',
  263: 'TLSSASL',
  264: 'X509SASL',
})
const noAuth: readonly number[] = [1, 257, 260]
const encrypting: readonly number[] = [5, 18, 129, 257, 258, 259, 260, 261, 262, 263, 264]
const clearPassword: readonly number[] = [2, 6, 17, 21, 113, 130, 256]

/**
 * VNC (RFB 3.3–3.8, RFC 6143). Reads the security types; of `None` it takes the offer, so that it is sure, but never starts the
 * session; of `VeNCrypt` and `Tight` it asks for their own types. All on one connection, since servers count half-open logins.
 * Facts: `protocol`, `securityTypes`, `security` (their names), `auth` (false: no password needed), `encrypted`,
 * `cleartextLogin`, `blocked`.
 * Reproduce: `vncviewer HOST`. Source: RFC 6143 7.1–7.2, the community's rfbproto.
 */
export const vnc: Service = {
  name: 'vnc',
  ports: [5900, 5901, 5902, 5903],
  greets: (greeting) => /^RFB \d{3}\.\d{3}\n/.test(textOf(greeting.subarray(0, 12))),
  async look({ open }) {
    const connection = await open()
    const banner = await connection.read({ until: exactly(12) })
    const version = failed(banner) ? null : /^RFB (\d{3})\.(\d{3})\n/.exec(textOf(banner.bytes))
    if (version === null) return null
    const [major, minor] = [Number(version[1]), Number(version[2])]
    // Apple says 3.889 and RealVNC 4 or 5; both speak 3.8 with others.
    const spoken = major > 3 || minor >= 8 ? 8 : minor === 7 ? 7 : 3
    connection.write(`RFB 003.00${spoken}\n`)
    const protocol = `${major}.${minor}`
    const types = await securityTypes(connection, spoken)
    const base = { facts: { protocol }, evidence: connection.evidence() }
    if ('code' in types) return { ...base, incomplete: types }
    if ('blocked' in types) return { ...base, facts: { protocol, blocked: types.blocked } }
    const inner = types.list.includes(1) ? await takeNone(connection, spoken) : await innerTypes(connection, types.list)
    const incomplete = 'code' in inner ? inner : undefined
    const list = [...types.list, ...('list' in inner ? inner.list : [])]
    const open1 = 'accepted' in inner ? inner.accepted : list.some((type) => noAuth.includes(type))
    return {
      ...productOfTypes(list, major, minor),
      facts: {
        protocol,
        securityTypes: list.slice(0, 32),
        security: list.slice(0, 32).map((type) => names[type] ?? `type ${type}`),
        auth: incomplete === undefined ? !open1 : null,
        encrypted: list.some((type) => encrypting.includes(type)),
        cleartextLogin: list.some((type) => clearPassword.includes(type)),
      },
      evidence: connection.evidence(open1 ? 'No password was asked for; the session was not started' : undefined),
      ...(incomplete === undefined ? {} : { incomplete }),
    }
  },
}

type Cut = NonNullable<Sighting['incomplete']>

async function number(connection: Connection, length: 1 | 4): Promise<number | Cut> {
  const answer = await connection.read({ until: exactly(length) })
  if (failed(answer)) return { code: answer.failed, text: answer.text }
  if (answer.bytes.length < length) return { code: 'closed', text: 'The server closed the connection' }
  return answer.bytes.reduce((value, byte) => value * 256 + byte, 0)
}

async function securityTypes(
  connection: Connection,
  spoken: number,
): Promise<{ list: readonly number[] } | { blocked: string } | Cut> {
  const count = await number(connection, spoken === 3 ? 4 : 1)
  if (typeof count !== 'number') return count
  if (count === 0) {
    const length = await number(connection, 4)
    if (typeof length !== 'number') return length
    const reason = await connection.read({ until: exactly(Math.min(length, 1024)), most: 4096 })
    return { blocked: failed(reason) ? 'no reason told' : clean(textOf(reason.bytes)) }
  }
  if (spoken === 3) return { list: [count] }
  const types = await connection.read({ until: exactly(count) })
  if (failed(types)) return { code: types.failed, text: types.text }
  return types.bytes.length < count ? { code: 'closed', text: 'The list of security types was cut' } : { list: [...types.bytes] }
}

/** Before 3.8 the server says nothing more: the offer of None is the permission. */
async function takeNone(connection: Connection, spoken: number): Promise<{ accepted: boolean } | Cut> {
  if (spoken === 3) return { accepted: true }
  connection.write(Uint8Array.of(1))
  if (spoken === 7) return { accepted: true }
  const result = await number(connection, 4)
  return typeof result === 'number' ? { accepted: result === 0 } : result
}

async function innerTypes(
  connection: Connection,
  types: readonly number[],
): Promise<{ list: readonly number[] } | { accepted: boolean } | Cut> {
  if (types.includes(19)) {
    connection.write(Uint8Array.of(19))
    const version = await connection.read({ until: exactly(2) })
    if (failed(version)) return { code: version.failed, text: version.text }
    connection.write(Uint8Array.of(0, 2))
    const status = await number(connection, 1)
    const count = status === 0 ? await number(connection, 1) : status
    if (typeof count !== 'number') return count
    if (status !== 0) return { list: [] }
    return integers(connection, count)
  }
  if (!types.includes(16)) return { list: [] }
  connection.write(Uint8Array.of(16))
  const tunnels = await number(connection, 4)
  if (typeof tunnels !== 'number') return tunnels
  if (tunnels > 0) {
    await connection.read({ until: exactly(16 * Math.min(tunnels, 64)) })
    connection.write(Uint8Array.from(u32(0)))
  }
  const logins = await number(connection, 4)
  if (typeof logins !== 'number') return logins
  // No kind of login to choose from means that none is needed.
  if (logins === 0) return { accepted: true }
  const capabilities = await connection.read({ until: exactly(16 * Math.min(logins, 64)) })
  if (failed(capabilities)) return { code: capabilities.failed, text: capabilities.text }
  const codes = Array.from({ length: Math.floor(capabilities.bytes.length / 16) }, (_, index) =>
    new DataView(capabilities.bytes.slice(index * 16).buffer).getInt32(0),
  )
  return { list: codes.filter((code) => code > 0 && code < 512 && !types.includes(code)) }
}

async function integers(connection: Connection, count: number): Promise<{ list: readonly number[] } | Cut> {
  const answer = await connection.read({ until: exactly(count * 4) })
  if (failed(answer)) return { code: answer.failed, text: answer.text }
  const view = new DataView(answer.bytes.slice().buffer)
  return { list: Array.from({ length: Math.floor(answer.bytes.length / 4) }, (_, index) => view.getUint32(index * 4)) }
}

function productOfTypes(types: readonly number[], major: number, minor: number): Pick<Sighting, 'product'> {
  if (major === 3 && minor === 889) return { product: 'Apple Remote Desktop' }
  if (major > 3 || types.some((type) => [5, 6, 129, 130].includes(type))) return major > 3 ? { product: 'RealVNC' } : {}
  if (types.includes(17) || types.includes(113)) return { product: 'UltraVNC' }
  return {}
}
