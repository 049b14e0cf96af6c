import { fail } from '#core/errors.ts'
import type { ScanEvent } from '#core/event.ts'
import { parseIpSet } from '#core/ip-set.ts'
import { compileJudge } from '#core/judge.ts'
import { parsePorts, portsOf, formatPorts } from '#core/port-set.ts'
import { profiles, type Profile } from '#core/profile.ts'
import type { Signature } from '#core/signature.ts'
import type { Listener } from '#engine/callback/listener.ts'
import { probes } from '#engine/probes.ts'
import { poolAsks } from '#engine/http/asks.ts'
import { runScan } from '#engine/run.ts'
import { findingWriter, scanFormats, type ScanFormat } from '#formats/finding-writers.ts'
import { lineOf } from '#formats/finding-line.ts'
import { callbackOptions, listenerOf } from './callback.ts'
import { dataFolder } from './data-folder.ts'
import { options, type Command } from './command.ts'
import { shippedContent } from './shipped-content.ts'
import { openScanKnowledge, type ScanKnowledge } from './scan/knowledge.ts'
import { openOutput } from './scan/output.ts'
import { openTally } from './scan/tally.ts'
import { hostsOf, readTargets, resolveTargets, type Targets } from './scan/targets.ts'

const help = `vigil scan TARGET... [options]

Scans addresses from the terminal: no server, no database, nothing is kept. A target is an address, a range (10.0.0.1-10.0.0.9 or
10.0.0.1-9), a CIDR block, an IPv6 address or a host name.

  --targets-file FILE   more targets, one or more a line; # begins a comment
  --exclude LIST        addresses that receive no packet, whatever else is said
  --ports LIST          TCP ports (22,80,8000-8100, or - for all) instead of the profile's
  --udp LIST            UDP ports instead of the profile's; none for none
  --profile NAME        quick (about 160 TCP ports), standard (about 2,000, the default) or full (all 65,535)
  --names               look up the names of addresses, and address web servers by them
  --alive               look also at addresses that answer nothing
  --no-defaults         do not try credentials that products ship with
  --templates WHICH     public templates to send: fitting (what suits the products seen, the default), all, or off
  --intrusive           also what may leave something behind or disturb; never what is meant to deny service
  --fragile             for printers, medical and industrial devices: one connection at a time, nothing unusual, no guesses
  --connect             whole connections only, no packets of our own
  --rate N              at most N new connections, datagrams and packets a second
  --format FORMAT       text (default), jsonl, json, sarif or csv
  --fail-on SEVERITY    exit with 1 if a confirmed or potential finding is at least this severe (1 to 5)
  --no-callbacks        send nothing that makes a target call somebody
  --callback ADDR[:PORT]  where targets are told to call when a check makes them call somebody; "off" for no listener
  --callback-domain NAME  a domain whose name server is that address: lookups below it are calls, too
  --data DIR            where the KnowledgeBase of an installation lies: its templates and fingerprints are used, if there are any
  --authorised          the targets are mine or I may test them; needed for public addresses

jsonl: {ip, host, port, proto, id, title, severity, type, class, cve[], cvss, url?, evidence{sent, received, result}, solution}
Exit codes: 0 complete, 1 a finding at --fail-on, 2 wrong usage, 3 incomplete (it says what was not tested).
`

const config = {
  'targets-file': { type: 'string', multiple: true },
  'exclude': { type: 'string', multiple: true },
  'ports': { type: 'string' },
  'udp': { type: 'string' },
  'profile': { type: 'string', default: 'standard' },
  'names': { type: 'boolean', default: false },
  'alive': { type: 'boolean', default: false },
  'no-defaults': { type: 'boolean', default: false },
  'rate': { type: 'string' },
  'templates': { type: 'string', default: 'fitting' },
  'intrusive': { type: 'boolean', default: false },
  'fragile': { type: 'boolean', default: false },
  'connect': { type: 'boolean', default: false },
  'no-callbacks': { type: 'boolean', default: false },
  'data': { type: 'string' },
  'format': { type: 'string', default: 'text' },
  'fail-on': { type: 'string' },
  'authorised': { type: 'boolean', default: false },
  ...callbackOptions,
} as const

type Values = NonNullable<ReturnType<typeof options<typeof config>>>['values']

/** `vigil scan`: see `help`. Resolves with the exit code. */
export const scanCommand: Command = async (argv) => {
  const parsed = options(argv, help, config)
  if (parsed === null) return 0
  const { values } = parsed
  const profile = profileOf(values)
  const format = oneOf('--format', values.format, scanFormats)
  const failOn = values['fail-on'] === undefined ? null : numberOf('--fail-on', values['fail-on'], 1, 5)
  const files = await Promise.all((values['targets-file'] ?? []).map(readTargets))
  const exclude = (values.exclude ?? []).join(',')
  const targets = await resolveTargets([...parsed.positionals, ...files.flat()], exclude, values.authorised)
  const { release, signatures, problems } = await shippedContent()
  if (problems.length > 0) process.stderr.write(`vigil scan: ${problems.length} signatures could not be read and are left out; first: ${problems[0]!.file}, ${problems[0]!.text}\n`)
  const listener = profile.callbacks === false ? null : await listenerOf(values)
  listener?.admit(targets.scope)
  const knowledge = await openScanKnowledge(dataFolder(values.data), profile)
  try {
    return await scan({ targets, exclude, listener, knowledge, profile, format, failOn, reverse: values.names, release, signatures })
  } finally {
    await knowledge.close()
  }
}

type Job = Readonly<{
  targets: Targets
  exclude: string
  listener: Listener | null
  knowledge: ScanKnowledge
  profile: Profile
  format: ScanFormat
  failOn: number | null
  reverse: boolean
  release: string
  signatures: readonly Signature[]
}>

async function scan(job: Job): Promise<number> {
  const { targets } = job
  const byId = new Map(job.signatures.map((signature) => [signature.id, signature]))
  const judge = compileJudge(job.signatures)
  const writer = findingWriter(job.format)
  const stop = new AbortController()
  const output = openOutput(stop)
  const tally = openTally(targets.single)
  const hosts = new Map<string, { known: Set<string>; services: Map<string, string> }>()
  const total = countOf(targets)
  const started = performance.now()
  let findings = 0
  let worst = 0

  async function sink(event: ScanEvent): Promise<void> {
    tally.take(event)
    if (event.type === 'seen') {
      const { seen } = event
      const host = hosts.get(seen.at.asset) ?? { known: new Set<string>(), services: new Map<string, string>() }
      hosts.set(seen.at.asset, host)
      if (seen.kind === 'port' && seen.data.state === 'open') host.services.set(`${seen.at.port}/${seen.at.proto}`, 'open')
      if (seen.kind === 'service') note(host.services, `${seen.at.port}/${seen.at.proto}`, seen.data)
      const matched = await job.knowledge.detect(seen)
      for (const [detection, check] of [...judge(seen).map((one) => [one, byId.get(one.signature)!] as const), ...(matched === null ? [] : [matched])]) {
        const line = lineOf(detection, check, seen, targets.names.get(seen.at.address)?.[0])
        // Two observations of one place may show the same; the first proof is enough.
        const key = [line.id, line.port, line.proto, line.host, line.url].join('|')
        if (host.known.has(key)) continue
        host.known.add(key)
        findings += 1
        if (line.type !== 'information') worst = Math.max(worst, line.severity)
        await output.write(writer.finding(line))
      }
    }
    if (event.type === 'done') {
      const services = [...(hosts.get(event.asset)?.services ?? [])].map(([port, text]) => `${port}  ${text}`).sort((a, b) => Number.parseInt(a) - Number.parseInt(b))
      hosts.delete(event.asset)
      await output.write(writer.host(event.address, targets.names.get(event.address)?.[0], services))
    }
    output.progress(() => `${tally.done} of ${total} hosts, ${findings} findings`)
  }

  await output.write(writer.begin())
  const result = await runScan({
    hosts: hostsOf(targets, job.reverse), scope: targets.scope, exclude: parseIpSet(job.exclude), profile: job.profile,
    asks: poolAsks(job.signatures), probes, callbacks: job.listener, recognise: () => job.knowledge.recognise, templates: () => job.knowledge.templates, now: Date.now, sink, signal: stop.signal,
  })
  await job.listener?.close()
  const left = total - BigInt(tally.done)
  const notTested = [
    ...targets.lost.map((name) => `${name}: the name could not be resolved`),
    ...(left > 0n ? [`stopped: ${left} of ${total} addresses were not finished`] : []),
    ...tally.notTested(),
  ]
  const summary = {
    scanned: tally.scanned, silent: tally.silent, excluded: Number(targets.excluded), findings, seconds: (performance.now() - started) / 1000,
    release: job.release, notTested, notes: tally.notes(),
  }
  await output.write(writer.end(summary))
  output.close()
  // Formats without a place for it say on the side what was not tested.
  if (job.format !== 'text') for (const text of notTested) process.stderr.write(`vigil scan: not tested: ${text}\n`)
  if (job.failOn !== null && worst >= job.failOn) return 1
  return notTested.length > 0 || result.drained ? 3 : 0
}

function note(services: Map<string, string>, port: string, { name, product, version, tls }: { name: string; product?: string; version?: string; tls: boolean }): void {
  const text = [tls ? `${name} over TLS` : name, product, version].filter((part) => part !== undefined).join(' ')
  const before = services.get(port)
  const all = before === undefined || before === 'open' ? text : `${before}; ${text}`
  services.set(port, all.slice(0, 300))
}

function countOf(targets: Targets): bigint {
  return targets.scope.reduce((sum, range) => sum + range.last - range.first + 1n, 0n)
}

function profileOf(values: Values): Profile {
  const name = oneOf('--profile', values.profile, ['quick', 'standard', 'full'] as const)
  const stock = profiles[name]
  const tcp = values.ports === undefined ? stock.tcp : formatPorts(parsePorts(values.ports))
  const udp = values.udp === undefined ? stock.udp : values.udp === 'none' ? '' : formatPorts(parsePorts(values.udp))
  if (tcp === '' && udp === '') fail('profile.nothing')
  // A host that answers on none of the usual ports may answer on those that were asked for. Of a stock list the first say nothing.
  const knocks = portsOf([...parseKnocks(stock.discovery.tcp), ...(values.ports === undefined ? [] : parseKnocks(tcp).slice(0, 16))])
  return {
    ...stock,
    tcp,
    udp,
    discovery: { alwaysUp: values.alive, tcp: formatPorts(knocks) },
    pace: { ...stock.pace, rate: values.rate === undefined ? stock.pace.rate : numberOf('--rate', values.rate, 1, 1_000_000) },
    defaults: !values['no-defaults'],
    templates: values.fragile ? 'off' : oneOf('--templates', values.templates, ['fitting', 'all', 'off'] as const),
    ...(values.intrusive ? { intrusive: true } : {}),
    ...(values.connect || values.fragile ? { packets: 'connect' } : {}),
    ...(values.fragile ? { fragile: true } : {}),
    ...(values['no-callbacks'] || values.fragile ? { callbacks: false } : {}),
  }
}

function parseKnocks(text: string): number[] {
  const ports: number[] = []
  for (const [first, last] of parsePorts(text)) for (let port = first; port <= last && ports.length < 64; port++) ports.push(port)
  return ports
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value)
  return found ?? fail('usage', { what: `${option} must be one of ${allowed.join(', ')}, not "${value.slice(0, 30)}".` })
}

function numberOf(option: string, value: string, least: number, most: number): number {
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN
  return number >= least && number <= most ? number : fail('usage', { what: `${option} must be a number from ${least} to ${most}, not "${value.slice(0, 30)}".` })
}
