import { X509Certificate } from 'node:crypto'
import type { SslBlock } from '#core/template/plan.ts'
import type { Exchange } from '#core/proof.ts'
import { failed, type Failure } from '../../net.ts'
import { certificateOf } from '../../tls/certificate.ts'
import { clientHello, wireVersion, type TlsVersion } from '../../tls/hello.ts'
import { readFlight } from '../../tls/record.ts'
import { suiteName, suites12, suites13 } from '../../tls/suites.ts'
import { fillText } from '../run/fill.ts'
import { judge } from '../run/judge.ts'
import { layered, type Names, type Value } from '../run/names.ts'
import type { BlockEnd, RunState } from '../run/state.ts'
import { blockNames, keepParts, takeFrom, type Weighed } from './take.ts'
import { portsFor } from './tcp-block.ts'
import type { Wire } from './wire.ts'

const versions: Readonly<Record<string, TlsVersion>> = { ssl30: 'SSLv3', tls10: 'TLSv1.0', tls11: 'TLSv1.1', tls12: 'TLSv1.2', tls13: 'TLSv1.3' }

type Facts = Readonly<{ names: ReadonlyMap<string, Value>; exchange: Exchange }>

/** What one TLS handshake says: by our own ClientHello below TLS 1.3, by a whole handshake otherwise. Asked once for each version and port, whatever the number of templates. */
export async function runSslBlock(block: SslBlock, prefix: string, state: RunState): Promise<BlockEnd> {
  const { wire } = state
  const weighed: Weighed = { matched: false, dynamic: new Map() }
  if (wire === undefined || !wire.tls) {
    state.troubles.push({ failed: 'protocol', text: 'elsewhere: the port speaks no TLS' })
    return { matched: false }
  }
  const names = blockNames(state, weighed.dynamic)
  const explicit = /:(\d{1,5})$/.exec(fillText(block.address, state.scope(names), []))?.[1]
  const port = portsFor(explicit === undefined ? null : Number(explicit), [], wire)[0]
  if (port === undefined) {
    state.troubles.push({ failed: 'protocol', text: 'elsewhere: it looks at another port' })
    return { matched: false }
  }
  // A span of versions is what its newest one allows; the templates ask for exactly one, or for any.
  const version = versions[block.maxVersion ?? block.minVersion ?? '']
  const facts = await wire.kept(`ssl ${port} ${version ?? ''}`, () => look(version, port, wire))
  if (failed(facts)) {
    // A version that is not spoken is an answer.
    if (facts.failed !== 'tls') state.troubles.push(facts)
    return { matched: false }
  }
  const url = `${state.root.host}:${port}`
  state.talks.push({ exchange: facts.exchange, url })
  const own: Names = layered(facts.names, new Map<string, Value>([['host', url], ['matched', url], ['type', 'ssl'], ['ip', state.root.address], ['port', String(port)]]))
  keepParts(state, prefix, own, [...facts.names.keys()])
  const seen = layered(own, names)
  const judgement = judge(block, state.scope(seen))
  takeFrom(judgement, block, state, weighed, seen, null)
  return { matched: weighed.matched }
}

async function look(version: TlsVersion | undefined, port: number, wire: Wire): Promise<Facts | Failure> {
  return version === undefined || version === 'TLSv1.3' ? whole(version, port, wire) : clear(version, port, wire)
}

async function whole(version: TlsVersion | undefined, port: number, wire: Wire): Promise<Facts | Failure> {
  const connection = await wire.connect(port, version === undefined ? {} : { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' })
  if (failed(connection)) return connection.failed === 'reset' || connection.failed === 'closed' ? { failed: 'tls', text: connection.text } : connection
  try {
    const { tls } = connection
    if (tls === null) return { failed: 'tls', text: 'no handshake' }
    return { names: factNames(tls.chain, { error: tls.trustError }, tls.version, tls.cipher, wire), exchange: connection.exchange('TLS handshake') }
  } finally {
    connection.close()
  }
}

async function clear(version: TlsVersion, port: number, wire: Wire): Promise<Facts | Failure> {
  const connection = await wire.connect(port)
  if (failed(connection)) return connection
  try {
    connection.write(clientHello({ version, suites: [...suites12.slice(0, 120), ...suites13], servername: wire.tools.names[0] }))
    const answer = await connection.read({
      until(bytes) {
        const flight = readFlight(bytes)
        return flight.foreign || flight.alert !== null || flight.done ? bytes.length : null
      },
    })
    if (failed(answer)) return answer.failed === 'reset' ? { failed: 'tls', text: answer.text } : answer
    const { hello, certificates } = readFlight(answer.bytes)
    if (hello === null || hello.version !== wireVersion[version]) return { failed: 'tls', text: `${version} is not spoken` }
    return { names: factNames(certificates, 'unknown', version, suiteName(hello.suite), wire), exchange: connection.exchange(`ClientHello ${version}`) }
  } finally {
    connection.close()
  }
}

/** By the names that templates use. */
function factNames(chain: readonly Uint8Array[], trust: Readonly<{ error: string | null }> | 'unknown', version: string, cipher: string, wire: Wire): ReadonlyMap<string, Value> {
  const now = wire.tools.now()
  const name = wire.tools.names[0]
  const word = Object.entries(versions).find(([, one]) => one === version)?.[0] ?? version
  const names = new Map<string, Value>([['tls_version', word], ['version', word], ['cipher', cipher], ['probe_status', true], ['sni', name ?? wire.at.address]])
  const certificate = certificateOf({ certificates: chain, trust, sent: chain }, name ?? wire.at.address, now)
  if (certificate === null) return names
  const leaf = new X509Certificate(chain[0]!)
  const part = (text: string, key: string): string[] => text.split('\n').filter((line) => line.startsWith(`${key}=`)).map((line) => line.slice(key.length + 1))
  const own = (text: string): string => text.split('\n').toReversed().join(',')
  const domains = certificate.names
  const isExpired = now > certificate.notAfter
  const isMismatched = name === undefined ? leaf.checkIP(wire.at.address) === undefined : certificate.nameMatches === false
  for (const [key, value] of [
    ['subject_dn', own(leaf.subject ?? '')], ['issuer_dn', own(leaf.issuer ?? '')], ['subject_cn', part(leaf.subject ?? '', 'CN')[0] ?? ''], ['issuer_cn', part(leaf.issuer ?? '', 'CN')[0] ?? ''],
    ['subject_org', part(leaf.subject ?? '', 'O')], ['issuer_org', part(leaf.issuer ?? '', 'O')], ['subject_an', domains], ['domains', domains], ['not_before', Math.floor(certificate.notBefore / 1000)], ['not_after', Math.floor(certificate.notAfter / 1000)],
    ['expired', isExpired], ['self_signed', certificate.selfSigned], ['untrusted', !certificate.trusted], ['mismatched', isMismatched], ['wildcard_certificate', certificate.wildcard === true],
    ['serial', certificate.serial.replace(/(..)(?!$)/g, '$1:')], ['fingerprint_hash', certificate.sha256], ['key_bits', certificate.keyBits],
  ] as const satisfies readonly (readonly [string, Value])[]) names.set(key, value)
  const told = JSON.stringify(Object.fromEntries([...names].filter(([, value]) => value !== false)))
  return names.set('response', told).set('raw', told).set('data', told)
}
