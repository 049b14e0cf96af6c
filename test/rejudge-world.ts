import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { ScanEvent } from '#core/event.ts'
import type { Observation } from '#core/observation.ts'
import type { FeedRecord } from '#core/knowledge/record.ts'
import { affected, bench, statement, cvss, type Bench } from '#knowledge/testing-records.ts'
import { takeEvents } from '#platform/finding/intake.ts'
import { openKnowledgeHolder, type KnowledgeHolder } from '#platform/kb/holder.ts'
import { startRejudge, type Rejudge } from '#platform/observation/rejudge.ts'
import { newId } from '#store/id.ts'
import type { Store } from '#store/store.ts'
import { withStore, type TestDatabase } from './database.ts'

/** A platform's judging parts over a real database and a real release: for tests of what becomes of what is stored. */
export type RejudgeWorld = Readonly<{
  database: TestDatabase
  store: Store
  kb: Bench
  knowledge: KnowledgeHolder
  rejudge: Rejudge
  /** Builds the next release of these advisories (all there are, as a Debian and an npm feed), and waits until everybody is judged by it. */
  release(records: readonly FeedRecord[]): Promise<void>
  /** Another process's view: a second loop over the same database. */
  another(onError?: (error: unknown) => void): Rejudge
  scan(tenant: string, events: readonly ScanEvent[], at?: number): Promise<void>
}>

export const shippedCheck = (version: number, status: number): string => `- id: 501
  title: Status page is open
  category: Web application
  severity: 3
  type: confirmed
  on: http
  when: { field: status, is: ${status} }
  result: "Status {status}"
  threat: Threat.
  impact: Impact.
  solution: Solution.
  references: ["https://example.org/"]
  published: "2026-01-01"
  version: ${version}
  fires: [{ status: ${status} }]
  spares: [{ status: 404 }]
`

export async function rejudgeWorld(t: TestContext, shipped = ''): Promise<RejudgeWorld> {
  // Hooks run in the order they were made: what uses the database stops before it.
  const closing: (() => Promise<void>)[] = []
  t.after(async () => {
    for (const work of closing.reverse()) await work()
  })
  const database = await withStore({ after: (work) => void closing.push(work) })
  const { store } = database
  const kb = bench({ after: (work) => void closing.push(work) })
  const content = mkdtempSync(join(tmpdir(), 'vigil-content-'))
  closing.push(async () => rmSync(content, { recursive: true, force: true }))
  mkdirSync(join(content, 'signatures'))
  writeFileSync(join(content, 'signatures', 'checks.yaml'), shipped)
  const problems: unknown[] = []
  const onError = (error: unknown): void => void problems.push(error)
  closing.push(async () => {
    if (problems.length > 0) throw problems[0]
  })
  const knowledge = await openKnowledgeHolder({ store, content, folder: kb.folder, pollMs: 50, graceMs: 50, onError, tell: (text) => t.diagnostic(text) })
  closing.push(() => knowledge.stop())
  const another = (hear = onError): Rejudge => {
    const made = startRejudge({ store, knowledge, folder: kb.folder, rest: 0, onError: hear })
    closing.push(() => made.stop())
    return made
  }
  const rejudge = another()
  return {
    database, store, kb, knowledge, rejudge, another,
    async release(records) {
      await kb.build([kb.feed('osv', records, { name: 'all' })], { force: true })
      await knowledge.refresh()
      await rejudge.settled()
    },
    async scan(tenant, events, at = Date.now()) {
      const intake = { scan: newId(), scanner: null, profile: { signatures: 'all', exclude: [] }, now: at } as const
      await store.write(tenant, (tx) => takeEvents(tx, () => knowledge.of(tenant), intake, events))
    },
  }
}

/** `package` is fixed in Debian 12 with `fixed`. */
export function advisory(cve: string, name: string, fixed: string, score = 7.5): readonly FeedRecord[] {
  return [
    statement(cve, { title: `Flaw of ${name}`, cvss: [cvss(score)], solution: `Update ${name}.` }),
    affected(cve, 'Debian:12', name, fixed, { of: 'source', scheme: 'dpkg', key: `DSA-${cve.slice(-4)}-1` }),
  ]
}

/** `vendor:product` below `before`. */
export function upstream(cve: string, product: string, before: string): readonly FeedRecord[] {
  return [statement(cve, { title: `Flaw of ${product}`, cvss: [cvss(9.8)] }), affected(cve, 'cpe', product, before, { product: { ecosystem: 'cpe', name: product, part: 'a' } })]
}

/** Events of a host that answers on 22 and 80, with packages listed by a login. */
export function seenHost(asset: string, about: Readonly<{ ssh?: string; web?: string; status?: number; packages?: Readonly<Record<string, string>> }>): readonly ScanEvent[] {
  const address = '127.0.0.1'
  const at = { asset, address }
  const seen = (observation: object): ScanEvent => ({ type: 'seen', seen: { seen: 1_780_000_000_000, ...observation } as Observation })
  const [, version = '', build = ''] = /^(\S+) Debian-(\S+)$/.exec(about.ssh ?? '') ?? []
  const packages = Object.entries(about.packages ?? {})
  const covered = (probe: string, ports: string): ScanEvent => ({ type: 'covered', ...at, probe, ports, login: probe === 'login', at: 1 })
  return [
    seen({ kind: 'host', at, by: 'discover@1', data: { up: true, why: 'it answered' } }),
    ...(about.ssh === undefined ? [] : [
      seen({ kind: 'port', at: { ...at, port: 22, proto: 'tcp' }, by: 'ports@1', data: { state: 'open' } }),
      seen({
        kind: 'service', at: { ...at, port: 22, proto: 'tcp' }, by: 'service@1', evidence: { sent: '', received: `SSH-2.0-OpenSSH_${about.ssh}` },
        data: { name: 'ssh', product: 'OpenSSH', version, cpe: 'cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*', distro: 'debian', tls: false, banner: `SSH-2.0-OpenSSH_${about.ssh}`, facts: { packageVersion: build } },
      }),
    ]),
    ...(about.web === undefined ? [] : [
      seen({ kind: 'port', at: { ...at, port: 80, proto: 'tcp' }, by: 'ports@1', data: { state: 'open' } }),
      seen({
        kind: 'service', at: { ...at, port: 80, proto: 'tcp' }, by: 'service@1',
        data: { name: 'http', product: 'Acme httpd', version: about.web, cpe: `cpe:2.3:a:acme:httpd:${about.web}:*:*:*:*:*:*:*`, tls: false, facts: {} },
      }),
      seen({
        kind: 'http', at: { ...at, port: 80, proto: 'tcp', path: '/' }, by: 'http@1', evidence: { sent: 'GET / HTTP/1.1', received: `HTTP/1.1 ${about.status ?? 200}` },
        data: { method: 'GET', path: '/', status: about.status ?? 200, headers: { date: new Date().toUTCString(), server: 'acme' }, title: null, body: 'x'.repeat(900), length: 900, catchAll: false, ask: 'GET /', tls: false },
      }),
    ]),
    ...packages.map(([name, installed]) => seen({
      kind: 'package', at: { ...at, package: name }, by: 'login@1', data: { ecosystem: 'Debian:12', name, version: installed, source: name, sourceVersion: installed, architecture: 'amd64' },
    })),
    ...['service', 'http', 'ports', 'http-ask'].map((probe) => covered(probe, 'tcp:22,80')),
    ...(about.packages === undefined ? [] : [covered('login', '')]),
    { type: 'done', ...at, outcome: 'scanned', why: 'because', at: 1 },
  ]
}

export type Shown = Readonly<{ check: number; port: number; package: string; status: string; times: number; type: string; result: string | null; via: number | null; retracted: boolean }>

export async function findingsOf(store: Store, tenant: string): Promise<readonly Shown[]> {
  return store.read(tenant, async ({ sql }) => {
    const rows = await sql`
      select f.signature_id, f.port, split_part(f.instance, '|', 3) as package, f.status, f.times_found, f.type, e.result, e.via_at, f.retracted_at from finding f
      left join finding_evidence e on e.tenant_id = f.tenant_id and e.finding_id = f.id where f.tenant_id = ${tenant} order by f.signature_id, f.asset_id, f.port, f.instance`
    return rows.map((row) => ({
      check: row['signature_id'], port: row['port'], package: row['package'], status: row['status'], times: row['times_found'], type: row['type'], result: row['result'],
      via: row['via_at']?.getTime() ?? null, retracted: row['retracted_at'] !== null,
    }))
  })
}

export async function eventsOf(store: Store, tenant: string): Promise<readonly string[]> {
  return store.read(tenant, async ({ sql }) => (await sql`select kind, signature_id from finding_event where tenant_id = ${tenant} order by at, id`).map((row) => `${row['kind']} ${row['signature_id']}`))
}
