import type { Observation, Shapes } from '#core/observation.ts'
import { failed, type Connection, type Failure } from '../net.ts'
import { Unseen, type Probe, type Tools } from '../probe.ts'
import { certificateOf, type Chain } from './certificate.ts'
import { clientHello, sslv2Hello, sslv2Accepted, wireVersion, type TlsVersion } from './hello.ts'
import { readFlight, type ServerFlight } from './record.ts'
import { knowsStartTls, startTls } from './starttls.ts'
import { finiteField, forwardSecret, suiteName, suites12, suites13, weakClasses } from './suites.ts'

type Dial = () => Promise<Connection | Failure>

/**
 * The probe `tls`: which versions and which weak suites a server takes, found by ClientHellos written by hand that stop after the server's first
 * flight, and its certificate, from a whole handshake where OpenSSL can make one. Nothing is sent inside TLS.
 * Reproduce: `openssl s_client -connect HOST:PORT -tls1 -cipher 'ALL:@SECLEVEL=0'`.
 */
export const tls: Probe<'service'> = {
  id: 'tls',
  version: 1,
  on: 'service',
  effect: 'harmless',
  needs: {},
  wants: ({ at, by, data }: Observation<'service'>) =>
    at.proto === 'tcp' && by.startsWith('service@') && (data.tls || (data.facts['starttls'] === true && knowsStartTls(data.name))),
  async *run(seen, tools, signal) {
    const starttls = seen.data.tls ? null : seen.data.name
    const dial = dialOf(seen, tools, starttls)
    const name = tools.names[0]
    const log: Log = { sent: [], received: [] }
    const ask: Asker = async (version, suites, until = (flight) => flight.hello !== null) => {
      signal.throwIfAborted()
      return flightOf(dial, clientHello({ version, suites, ...(name === undefined ? {} : { servername: name }) }), until, log, `${version}, ${suites.length} suites`)
    }

    const versions = await tryVersions(ask, dial, starttls === null, log)
    const below13 = versions.accepted.filter((version) => version !== 'TLSv1.3' && version !== 'SSLv2') as TlsVersion[]
    const suites = new Set(versions.suites)
    const weak = await tryWeak(ask, below13, suites)
    const newest = below13[0]
    const secret = versions.accepted.includes('TLSv1.3') ? true : newest === undefined ? null : await takes(ask, newest, forwardSecret, suites)
    const dh = newest === undefined ? null : await ask(newest, finiteField, (flight) => flight.dhBits !== null || flight.done)
    if (dh?.hello != null) suites.add(dh.hello.suite)
    const chain = await chainOf(dial, ask, newest, name, log)
    // A server that has stopped answering (it may have shut us out) refused nothing.
    const again = versions.accepted.find((version) => version !== 'SSLv2') as TlsVersion | undefined
    const lasting = again === undefined || (await ask(again, again === 'TLSv1.3' ? suites13 : suites12)).hello !== null

    const data: Shapes['tls'] = {
      accepted: versions.accepted,
      refused: lasting ? versions.refused : [],
      suites: [...suites].map(suiteName),
      weak,
      forwardSecrecy: secret,
      dhBits: dh?.dhBits ?? null,
      starttls,
      certificate: chain === null ? null : certificateOf(chain, name, tools.now()),
    }
    const at = name === undefined ? seen.at : { ...seen.at, host: name }
    yield { kind: 'tls', at, data, evidence: { sent: log.sent.join('\n').slice(0, 8192), received: log.received.join('\n').slice(0, 8192) } }
    if (!lasting) throw new Unseen('reset', 'the server stopped answering in the middle')
    if (versions.unknown.length > 0) throw new Unseen('timeout', `no answer about ${versions.unknown.join(', ')}`)
    if (data.certificate === null && versions.accepted.length > 0 && weak.length === 0) throw new Unseen('protocol', 'the certificate could not be read')
  },
}

type Log = Readonly<{ sent: string[]; received: string[] }>
type Flight = ServerFlight & Readonly<{ lost: Failure | null }>
type Asker = (version: TlsVersion, suites: readonly number[], until?: (flight: ServerFlight) => boolean) => Promise<Flight>

function dialOf(seen: Observation<'service'>, tools: Tools, starttls: string | null): Dial {
  return async () => {
    const connection = await tools.net.connect({ address: seen.at.address, port: seen.at.port! })
    if (failed(connection) || starttls === null) return connection
    const started = await startTls(connection, starttls)
    if (started === true) return connection
    connection.close()
    return started
  }
}

const silent: ServerFlight = { alert: null, hello: null, certificates: [], dhBits: null, done: false, foreign: false }

async function flightOf(dial: Dial, hello: Uint8Array, until: (flight: ServerFlight) => boolean, log: Log, what: string): Promise<Flight> {
  const connection = await dial()
  log.sent.push(`ClientHello ${what}`)
  if (failed(connection)) {
    log.received.push(connection.text)
    return { ...silent, lost: connection }
  }
  try {
    connection.write(hello)
    let flight = silent
    const answer = await connection.read({
      until(bytes) {
        flight = readFlight(bytes)
        return flight.foreign || flight.alert !== null || until(flight) ? bytes.length : null
      },
    })
    if (!failed(answer)) flight = readFlight(answer.bytes)
    log.received.push(textOf(flight, failed(answer) ? answer : null))
    const lost = failed(answer) && flight.hello === null && answer.failed !== 'reset' ? answer : null
    return { ...flight, lost }
  } finally {
    connection.close()
  }
}

function textOf(flight: ServerFlight, failure: Failure | null): string {
  if (flight.hello !== null) return `ServerHello ${versionName(flight.hello.version)}, ${suiteName(flight.hello.suite)}${flight.dhBits === null ? '' : `, DH ${flight.dhBits} bits`}`
  if (flight.alert !== null) return `alert ${flight.alert}`
  return failure === null ? (flight.foreign ? 'not TLS' : 'closed') : failure.text
}

function versionName(wire: number): string {
  return Object.entries(wireVersion).find(([, value]) => value === wire)?.[0] ?? `0x${wire.toString(16)}`
}

type Versions = Readonly<{ accepted: readonly string[]; refused: readonly string[]; unknown: readonly string[]; suites: readonly number[] }>

async function tryVersions(ask: Asker, dial: Dial, direct: boolean, log: Log): Promise<Versions> {
  const result = { accepted: [] as string[], refused: [] as string[], unknown: [] as string[], suites: [] as number[] }
  for (const version of ['TLSv1.3', 'TLSv1.2', 'TLSv1.1', 'TLSv1.0', 'SSLv3'] as const) {
    const flight = await ask(version, version === 'TLSv1.3' ? suites13 : suites12)
    if (flight.lost !== null && isFinal(flight.lost)) throw new Unseen(flight.lost.failed, flight.lost.text)
    if (flight.hello?.version === wireVersion[version]) {
      result.accepted.push(version)
      result.suites.push(flight.hello.suite)
    } else (flight.lost === null ? result.refused : result.unknown).push(version)
  }
  if (direct) {
    const taken = await trySslv2(dial, log)
    if (taken !== null) (taken ? result.accepted : result.refused).push('SSLv2')
    else result.unknown.push('SSLv2')
  }
  // Silence to a version nobody speaks any more, from a server that answers others, is its way to refuse.
  if (result.accepted.length > 0) result.refused.push(...result.unknown.splice(0).filter((version) => version.startsWith('SSL')))
  return result
}

function isFinal(failure: Failure): boolean {
  return failure.failed === 'budget' || failure.failed === 'aborted' || failure.failed === 'refused' || failure.failed === 'protocol'
}

async function trySslv2(dial: Dial, log: Log): Promise<boolean | null> {
  const connection = await dial()
  log.sent.push('CLIENT-HELLO SSLv2')
  if (failed(connection)) return null
  try {
    connection.write(sslv2Hello())
    const answer = await connection.read({ until: (bytes) => (bytes.length >= 7 ? 7 : null) })
    if (failed(answer) && answer.failed !== 'reset') return null
    const taken = !failed(answer) && sslv2Accepted(answer.bytes)
    log.received.push(taken ? 'SERVER-HELLO SSLv2' : 'refused')
    return taken
  } finally {
    connection.close()
  }
}

/** Export suites belong to the oldest versions, the rest show at the newest: each class is offered alone at both ends. */
async function tryWeak(ask: Asker, versions: readonly TlsVersion[], suites: Set<number>): Promise<readonly string[]> {
  const weak: string[] = []
  for (const [name, list] of Object.entries(weakClasses)) {
    for (const version of new Set([versions[0], versions.at(-1)])) {
      if (version === undefined || !(await takes(ask, version, list, suites))) continue
      weak.push(name)
      break
    }
  }
  return weak
}

async function takes(ask: Asker, version: TlsVersion, list: readonly number[], suites: Set<number>): Promise<boolean> {
  const { hello } = await ask(version, list)
  // A server that answers with what was not offered took nothing.
  if (hello === null || !list.includes(hello.suite)) return false
  suites.add(hello.suite)
  return true
}

async function chainOf(dial: Dial, ask: Asker, version: TlsVersion | undefined, name: string | undefined, log: Log): Promise<Chain | null> {
  const connection = await dial()
  if (!failed(connection)) {
    const upgraded = await connection.upgrade(name === undefined ? {} : { servername: name })
    const session = connection.tls
    connection.close()
    if (upgraded === true && session !== null && session.chain.length > 0) {
      log.sent.push('handshake')
      log.received.push(`${session.version}, ${session.cipher}, ${session.chain.length} certificates`)
      return { certificates: session.chain, trust: { error: session.trustError } }
    }
  }
  if (version === undefined) return null
  const { certificates } = await ask(version, suites12, (flight) => flight.certificates.length > 0 || flight.done)
  return certificates.length === 0 ? null : { certificates, trust: 'unknown' }
}
