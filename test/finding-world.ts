import type { ScanEvent } from '#core/event.ts'
import type { Observation } from '#core/observation.ts'
import type { Signature } from '#core/signature.ts'
import { ensureHosts } from '#platform/asset/host.ts'
import { takeEvents, type Intake } from '#platform/finding/intake.ts'
import { knowledgeOf, type Knowledge } from '#platform/kb/knowledge.ts'
import { storeRelease } from '#platform/kb/release.ts'
import { newId } from '#store/id.ts'
import type { Store } from '#store/store.ts'

/** A small KnowledgeBase and the events of a scanner, written by hand, for tests of what becomes of them. */
const base = {
  version: 1, category: 'Network services', cwe: [], threat: 'Threat.', impact: 'Impact.', solution: 'Solution.', references: [], products: [],
  published: '2026-01-01', changed: '2026-01-01', cve: [],
} as const

export const signatures: readonly Signature[] = [
  { ...base, id: 1, title: 'Store open without password', severity: 5, type: 'confirmed', on: 'service', when: { field: 'facts.open', is: true }, result: 'Open: {name}', products: ['acme:store'] },
  { ...base, id: 2, title: 'Old web server', severity: 4, type: 'potential', on: 'service', when: { field: 'version', is: '1.0' }, result: 'Version {version}', cve: ['CVE-2026-1000'], cvss: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H', score: 9.8 },
  { ...base, id: 3, title: 'Backup file exposed', category: 'Web application', severity: 3, type: 'confirmed', on: 'http', ask: { path: '/backup.zip' }, when: { field: 'status', is: 200 }, result: 'Status {status}' },
  { ...base, id: 4, title: 'Host answers', severity: 1, type: 'information', on: 'host', when: { field: 'up', is: true }, result: 'Up' },
  { ...base, id: 5, title: 'Package outdated', severity: 4, type: 'confirmed', on: 'package', when: { field: 'version', is: '1' }, result: 'Version {version}' },
  { ...base, id: 6, title: 'Port open', severity: 2, type: 'confirmed', on: 'port', when: { field: 'state', is: 'open' }, result: 'Open' },
]

export const knowledge: Knowledge = knowledgeOf('test', signatures)

export async function storeKnowledge(store: Store): Promise<void> {
  await store.platform((tx) => storeRelease(tx, 'test', signatures, new Date()))
}

export async function makeHost(store: Store, tenant: string, address: string): Promise<string> {
  const [host] = await store.write(tenant, (tx) => ensureHosts(tx, tenant, [{ address }], new Date()))
  return host!.id
}

/** Events of one host. */
export function host(asset: string, address = '127.0.0.1') {
  const at = { asset, address }
  const time = 1_780_000_000_000
  const seen = (observation: unknown): ScanEvent => ({ type: 'seen', seen: { seen: time, ...(observation as object) } as Observation })
  return {
    up: seen({ kind: 'host', at, by: 'discover@1', data: { up: true, why: 'it answered' } }),
    port: (port: number) => seen({ kind: 'port', at: { ...at, port, proto: 'tcp' }, by: 'ports@1', data: { state: 'open' } }),
    service: (port: number, data: object = {}, by = 'service@1') => seen({
      kind: 'service', at: { ...at, port, proto: 'tcp' }, by, data: { name: 'store', tls: false, facts: {}, ...data }, evidence: { sent: 'INFO', received: 'yes' },
    }),
    http: (port: number, status: number, vhost?: string) => seen({
      kind: 'http', at: { ...at, port, proto: 'tcp', path: '/backup.zip', ...(vhost === undefined ? {} : { host: vhost }) }, by: 'http@1',
      data: { method: 'GET', path: '/backup.zip', status, headers: {}, title: null, body: '', length: 0, catchAll: false, ask: 'GET /backup.zip', tls: false },
    }),
    package: (version: string) => seen({ kind: 'package', at: { ...at, package: 'bash' }, by: 'login@1', data: { ecosystem: 'deb', name: 'bash', version } }),
    covered: (probe: string, ports: string, more: Readonly<{ login?: boolean; signatures?: readonly number[] }> = {}): ScanEvent => ({
      type: 'covered', ...at, probe, ports, login: more.login ?? false, ...(more.signatures === undefined ? {} : { signatures: more.signatures }), at: time,
    }),
    failed: (probe: string, ports: string): ScanEvent => ({ type: 'failed', ...at, probe, ports, code: 'timeout', text: 'no answer', at: time }),
    done: (outcome: 'scanned' | 'dead' | 'partial' | 'refused' = 'scanned'): ScanEvent => ({ type: 'done', ...at, outcome, why: 'because', at: time }),
  }
}

export type Row = Readonly<{
  id: string; signature: number; port: number; status: string; times: number; reopens: number; first: number; last: number; fixed: number | null; ignored: boolean; instance: string
}>

/** A scan that reports these batches, each in a transaction of its own. */
export async function scan(store: Store, tenant: string, batches: readonly (readonly ScanEvent[])[], more: Partial<Intake> = {}, using = knowledge): Promise<void> {
  const intake: Intake = { scan: newId(), scanner: null, profile: { signatures: 'all', exclude: [] }, now: Date.now(), ...more }
  for (const batch of batches) await store.write(tenant, (tx) => takeEvents(tx, using, intake, batch))
}

export async function findings(store: Store, tenant: string): Promise<readonly Row[]> {
  const rows = await store.read(tenant, ({ sql }) => sql`
    select id, signature_id, port, status, times_found, times_reopened, first_found, last_found, last_fixed, ignored, instance from finding where tenant_id = ${tenant}
    order by asset_id, signature_id, port, instance`)
  return rows.map((row) => ({
    id: row['id'], signature: row['signature_id'], port: row['port'], status: row['status'], times: row['times_found'], reopens: row['times_reopened'],
    first: row['first_found'].getTime(), last: row['last_found'].getTime(), fixed: row['last_fixed']?.getTime() ?? null, ignored: row['ignored'], instance: row['instance'],
  }))
}
