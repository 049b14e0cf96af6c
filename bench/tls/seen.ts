import { suites } from '#core/tls/suite.ts'
import type { Cost } from '../scan/timed.ts'

/** What one program saw of one server: versions, suites as `TLSv1.2/c02f` and `SSLv2/SSL_CK_…`, and what it cost. `unseen`: why the look was not whole. */
export type Seen = Readonly<{ versions: ReadonlySet<string>; suites: ReadonlySet<string>; cost: Cost; unseen: string | null }>

const numberOf = new Map(suites.map(({ name, number }) => [name, number.toString(16).padStart(4, '0')]))

type Line = Readonly<{ accepted?: string[]; offers?: { version: string; suites: string[] }[]; unseen?: string }>

/** Of `bench/tls/look.ts`. */
export function readOurs(cost: Cost): Seen {
  const lines = cost.out.trim().split('\n').map((line) => JSON.parse(line) as Line)
  const { accepted = [], offers = [] } = lines[0]!
  return {
    versions: new Set(accepted), suites: new Set(offers.flatMap((offer) => offer.suites.map((suite) => `${offer.version}/${numberOf.get(suite) ?? suite}`))), cost,
    unseen: lines.find(({ unseen }) => unseen !== undefined)?.unseen ?? null,
  }
}

/** Of `sslscan --xml=-`, which names no suites of SSL 2. */
export function readSslscan(cost: Cost): Seen {
  const versions = [...cost.out.matchAll(/<protocol type="(\w+)" version="([\d.]+)" enabled="1"/g)].map(([, type, version]) => (type === 'ssl' ? `SSLv${version}` : `TLSv${version}`))
  const taken = [...cost.out.matchAll(/<cipher status="\w+" sslversion="([^"]+)"[^>]* id="0x(\w+)"/g)].map(([, version, id]) => `${version}/${id!.toLowerCase()}`)
  return { versions: new Set(versions), suites: new Set(taken), cost, unseen: null }
}

/** Of `testssl.sh -p -E --color 0`: a line for each version, then tables of suites below the name of each version. */
export function readTestssl(cost: Cost): Seen {
  const named = (text: string): string => (text.startsWith('TLS') ? `TLSv${text.slice(4).replace(/^1$/, '1.0')}` : text)
  const versions = new Set<string>()
  const taken = new Set<string>()
  let version = ''
  for (const line of cost.out.split('\n')) {
    const offered = /^ (SSLv[23]|TLS 1(?:\.\d)?)\s+offered\b/.exec(line)
    if (offered !== null) versions.add(named(offered[1]!))
    const heading = /^(SSLv[23]|TLS 1(?:\.\d)?)\s*(?:\(|$)/.exec(line)
    if (heading !== null) version = named(heading[1]!)
    const row = /^ x([0-9a-f]{2,6})\s.*?(\S+)\s*$/.exec(line)
    if (row !== null && version !== '') taken.add(`${version}/${version === 'SSLv2' ? row[2]! : row[1]!.padStart(4, '0')}`)
  }
  return { versions, suites: taken, cost, unseen: null }
}

/** What was seen in any run; `cost` is the one in the middle. */
export function union(seen: readonly Seen[]): Seen {
  const middle = [...seen].sort((a, b) => a.cost.seconds - b.cost.seconds)[Math.floor(seen.length / 2)]!
  return { cost: middle.cost, versions: new Set(seen.flatMap(({ versions }) => [...versions])), suites: new Set(seen.flatMap((one) => [...one.suites])), unseen: seen.find(({ unseen }) => unseen !== null)?.unseen ?? null }
}

export function isSame(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one))
}

/** How two differ, in words; empty where they do not. */
export function difference(us: Seen, them: Seen, peer: string): string {
  const missed = [...them.suites].filter((suite) => !us.suites.has(suite))
  const more = [...us.suites].filter((suite) => !them.suites.has(suite))
  return `${isSame(us.versions, them.versions) ? '' : `; versions by ${peer} ${[...them.versions].join(' ')}`}${missed.length === 0 ? '' : `; only ${peer}: ${missed.join(' ')}`}${more.length === 0 ? '' : `; ${peer} has not: ${more.join(' ')}`}`
}
