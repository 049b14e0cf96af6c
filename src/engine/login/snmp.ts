import type { Evidence, Facts, Observation } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import type { Profile } from '#core/profile.ts'
import { usualPort } from '#core/credential.ts'
import { failed } from '../net.ts'
import type { Probe, Sight } from '../probe.ts'
import { attemptOf, credentialsFor } from './attempt.ts'
import { agentInterfaces, agentPackages, agentSockets, agentSystem, numberOf, textOf } from './read/agent.ts'
import type { Value } from './snmp/message.ts'
import { openSnmp, type SnmpCredential, type SnmpSession } from './snmp/session.ts'
import { walk, type Row } from './snmp/walk.ts'

/** Scalars that are read first. Source: RFC 3418, 2790. */
const scalars = { descr: '1.3.6.1.2.1.1.1.0', objectId: '1.3.6.1.2.1.1.2.0', uptime: '1.3.6.1.2.1.1.3.0', contact: '1.3.6.1.2.1.1.4.0', name: '1.3.6.1.2.1.1.5.0', location: '1.3.6.1.2.1.1.6.0', memory: '1.3.6.1.2.1.25.2.2.0' } as const
/** Columns that are read, and how many rows of each at most. Source: RFC 2863, 2790, 4022, 4113, 6933. */
const columns = {
  interfaces: ['1.3.6.1.2.1.2.2.1.2', 512], hardware: ['1.3.6.1.2.1.2.2.1.6', 512], state: ['1.3.6.1.2.1.2.2.1.8', 512], addresses: ['1.3.6.1.2.1.4.20.1.2', 512],
  models: ['1.3.6.1.2.1.47.1.1.1.1.13', 64], devices: ['1.3.6.1.2.1.25.3.2.1.3', 256], installed: ['1.3.6.1.2.1.25.6.3.1.2', 10_000], tcp: ['1.3.6.1.2.1.6.20.1.4', 1000], udp: ['1.3.6.1.2.1.7.7.1.8', 1000],
} as const
const processName = '1.3.6.1.2.1.25.4.2.1.2'
const mostSockets = 200

/**
 * Logs in to SNMP with the records meant for the host, the first that gets in, and reads what the agent tells: the system, what is installed, interfaces and sockets. It asks at the records' own ports
 * by itself, since an agent is silent to whom it does not know. Nothing is ever set. Reproduce: `snmpbulkwalk -v3 -l authPriv -u USER … HOST 1.3.6.1.2.1.25.6.3.1.2`. Source: RFC 3414, 3416.
 */
export const loginSnmp: Probe<'host'> = {
  id: 'login-snmp',
  version: 1,
  on: 'host',
  effect: 'login',
  needs: { privilege: 'login' },
  wants: (seen: Observation<'host'>, profile: Profile) => seen.data.up || profile.discovery.alwaysUp,
  async *run(seen, tools, signal) {
    const ports = new Set(tools.credentials.filter((one) => one.kind === 'snmp').map((one) => one.port ?? usualPort.snmp))
    for (const port of ports) {
      const at: Place = { asset: seen.at.asset, address: seen.at.address, port, proto: 'udp' }
      for (const credential of credentialsFor(tools, 'snmp', port)) {
        signal.throwIfAborted()
        const session = await openSnmp({ address: at.address, port }, credential, tools)
        if ('outcome' in session) yield attemptOf(credential, at, session)
        else if (yield* look(session, credential, at)) return
      }
    }
  },
}

async function* look(session: SnmpSession, credential: SnmpCredential, at: Place): AsyncGenerator<Sight, boolean> {
  const asset: Place = { asset: at.asset, address: at.address }
  const said = await session.ask({ kind: 'get', oids: Object.values(scalars) })
  const values = new Map(failed(said) ? [] : said.bindings.map(({ oid, value }) => [oid, value] as const))
  const described = textOf(values.get(scalars.descr), 1024)
  if (described === null) {
    yield attemptOf(credential, at, { outcome: 'insufficient', why: `${session.method}; ${failed(said) ? said.text : 'the view of this login does not show the system'}` })
    return false
  }
  const troubles: string[] = []
  const read = async (column: keyof typeof columns): Promise<readonly Row[]> => {
    const [root, most] = columns[column]
    const { rows, trouble } = await walk(session, root, most)
    if (trouble !== null) troubles.push(`${column}: ${trouble}`)
    return rows
  }
  const names = (await read('installed')).flatMap(({ value }) => textOf(value) ?? [])
  const { packages, release } = agentPackages(names)
  const model = (await read('models')).map(({ value }) => textOf(value, 100)).find((one) => one !== null) ?? null
  const facts = factsOf(values)
  const system = agentSystem(described, release, model, { hostname: textOf(values.get(scalars.name), 100), ...facts })
  const evidence = evidenceOf(scalars.descr, [described])
  if (system !== null) yield { kind: 'system', at, data: system, evidence }
  yield { kind: 'setting', at, data: { area: 'snmp', facts: { ...facts, name: textOf(values.get(scalars.name), 100), version: credential.version, encrypted: credential.version === '3' && credential.privacy !== undefined } }, evidence }
  for (const one of packages) yield { kind: 'package', at: { ...asset, package: one.name }, data: one }
  const devices = [...new Set((await read('devices')).flatMap(({ value }) => textOf(value, 100) ?? []))]
  if (devices.length > 0) yield { kind: 'setting', at: asset, data: { area: 'device', facts: { devices } } }
  const interfaces = { name: await read('interfaces'), hardware: await read('hardware'), state: await read('state'), address: await read('addresses') }
  for (const setting of agentInterfaces(interfaces)) yield { kind: 'setting', at: { ...asset, path: `interface ${setting.name}` }, data: setting }
  const sockets = [...agentSockets(await read('tcp'), 'tcp'), ...agentSockets(await read('udp'), 'udp')].slice(0, mostSockets)
  const processes = await processesOf(session, sockets.flatMap(({ pid }) => (pid === null || pid === 0 ? [] : [pid])))
  for (const { setting, pid } of sockets) {
    const data = { ...setting, facts: { ...setting.facts, process: processes.get(pid ?? 0) ?? null } }
    yield { kind: 'setting', at: { ...asset, path: `listener ${setting.name}` }, data, evidence: evidenceOf(setting.name!.startsWith('tcp') ? columns.tcp[0] : columns.udp[0], [`${setting.name} ${pid ?? ''}`]) }
  }
  const isWhole = troubles.length === 0
  yield attemptOf(credential, at, { outcome: isWhole ? 'passed' : 'insufficient', rights: 'user', why: `by ${session.method}; ${packages.length} packages read${isWhole ? '' : `; ${troubles.slice(0, 4).join('; ')}`}` })
  // A view that no longer shows what is installed does not show that nothing is.
  if (isWhole && (packages.length > 0 || !/^(?:Linux|Hardware:.*Windows)/.test(described))) yield { kind: 'entered', at: asset }
  return isWhole
}

function factsOf(values: ReadonlyMap<string, Value>): Facts {
  const ticks = numberOf(values.get(scalars.uptime))
  return {
    descr: textOf(values.get(scalars.descr), 1024), objectId: textOf(values.get(scalars.objectId), 100), contact: textOf(values.get(scalars.contact), 100), location: textOf(values.get(scalars.location), 100),
    uptime: ticks === null ? null : Math.floor(ticks / 100), memory: numberOf(values.get(scalars.memory)),
  }
}

/** Names of processes by their numbers, a handful at a time. */
async function processesOf(session: SnmpSession, pids: readonly number[]): Promise<ReadonlyMap<number, string>> {
  const names = new Map<number, string>()
  const wanted = [...new Set(pids)]
  for (let from = 0; from < wanted.length; from += 20) {
    const said = await session.ask({ kind: 'get', oids: wanted.slice(from, from + 20).map((pid) => `${processName}.${pid}`) })
    if (failed(said)) return names
    for (const { oid, value } of said.bindings) {
      const name = textOf(value, 64)
      if (name !== null) names.set(Number(oid.split('.').at(-1)), name)
    }
  }
  return names
}

/** Without the datagrams themselves, which hold the community. */
function evidenceOf(oid: string, lines: readonly string[]): Evidence {
  return { sent: oid, received: lines.join('\n').replace(/[^\n\x20-\x7e]/g, '?').slice(0, 4000) }
}
