import { authorityStatement } from '#core/authority.ts'
import { keepProofs } from '#platform/finding/proof.ts'
import { beginRun, endRun } from '#platform/observation/applied.ts'
import { newId } from '#store/id.ts'
import { makeHost, host, scan } from './finding-world.ts'
import type { Browser, TestServer } from './server.ts'

/**
 * Gives an organisation something of everything, through the API where there is a way. Each name and text holds `mark`, so that it is
 * known again wherever it should not be. A new subject adds a line here.
 */
export async function fillOrganisation({ app, database }: TestServer, browser: Browser, mark: string): Promise<void> {
  const post = async (path: string, payload: object): Promise<Record<string, unknown>> => {
    const answer = await app.inject({ method: 'POST', url: `/api/v1${path}`, headers: browser.headers, payload })
    if (answer.statusCode >= 300) throw new Error(`POST ${path} answered ${answer.statusCode}: ${answer.body}`)
    return answer.body === '' ? {} : answer.json()
  }
  await post('/units', { name: `${mark} unit` })
  await post('/invitations', { email: `${mark.toLowerCase()}@example.org`, role: 'reader' })
  await post('/tokens', { name: `${mark} token`, role: 'reader' })
  await post('/networks', { name: `${mark} network` })
  await post('/addresses', { text: `127.55.0.0/28 ${mark.toLowerCase()}.example.org`, comment: mark, statement: authorityStatement })
  await post('/exclusions', { text: '127.55.0.9', comment: `${mark} excluded` })
  const group = await post('/groups', { name: `${mark} group`, text: '127.55.0.1-127.55.0.3', comment: mark })
  const asset = await makeHost(database.store, browser.tenant, '127.55.0.1')
  await post(`/groups/${String(group['id'])}/members`, { text: `127.55.0.5 ${mark.toLowerCase()}.example.org`, assetIds: [asset] })
  const profile = await post('/profiles', { name: `${mark} profile` })
  await post('/search-lists', { name: `${mark} list`, checks: '1 2' })
  await post('/schedules', { name: `${mark} schedule`, timeZone: 'UTC', startsAt: '2100-01-01T08:00', recurrence: { kind: 'once' }, targets: '127.55.0.1', profileId: profile['id'] })
  await post('/scans', { title: `${mark} scan`, targets: '127.55.0.1, 127.77.0.1' })
  await post('/scanners', { name: `${mark} scanner` })
  await post('/reports', { title: `${mark} report`, kind: 'executive', format: 'html' })
  const seen = host(asset, '127.55.0.1')
  await scan(database.store, browser.tenant, [[seen.up, seen.port(6379), seen.service(6379, { facts: { open: true, note: mark } }), seen.http(8080, 200), seen.failed('tls@1', 'tcp:443'), seen.covered('service@1', 'tcp:6379'), seen.done('partial')]])
  await deepen(database.store, browser.tenant, asset, mark)
  await post('/credentials', { title: `${mark} login`, targets: '127.55.0.1', login: { kind: 'ssh', user: mark.toLowerCase(), password: `${mark} password` } })
  const edited = await app.inject({ method: 'PATCH', url: '/api/v1/kb/6/edit', headers: browser.headers, payload: { severity: 3, threat: `${mark} says so` } })
  if (edited.statusCode !== 200) throw new Error(`PATCH /kb/6/edit answered ${edited.statusCode}: ${edited.body}`)
  await database.store.write(browser.tenant, ({ sql, tenant }) => sql`insert into fix_plan (tenant_id, plan, at) values (${tenant}, ${sql.json({ at: mark, risk: 0, hosts: 0, mean: 0, steps: [], left: 0, more: 0 })}, ${new Date(0)})`)
  await database.store.write(browser.tenant, ({ sql, tenant }) => sql`
    insert into top_ten (tenant_id, side, rank, own, signature_id, severity, exploited, hosts, scanned, score, at) values (${tenant}, 'internal', 1, true, 1, 5, false, 1, 1, 1, ${new Date()})`)
  const findings = (await app.inject({ url: '/api/v1/findings', headers: browser.headers })).json<{ items: { id: string }[] }>().items
  await post(`/assets/${asset}/packages`, { origin: `${mark} origin`, distribution: 'Debian:12', packages: [{ name: `${mark.toLowerCase()}-package`, version: '1.0-1' }] })
  await applied(database.store, browser.tenant)
  await post('/findings/ignore', { ids: [findings[0]!.id], reason: 'acceptedRisk', comment: `${mark} accepts` })
  await post(`/findings/${findings.at(-1)!.id}/verify`, {})
}

/** What a look of more depth leaves: what speaks TLS, the bytes of a finding, and how a login went. */
async function deepen(store: TestServer['database']['store'], tenant: string, asset: string, mark: string): Promise<void> {
  const at = new Date()
  await store.write(tenant, async (tx) => {
    const { sql } = tx
    await sql`
      insert into tls_endpoint (tenant_id, id, asset_id, port, host, reasons, accepted, sha256, subject, issuer, names, first_seen, last_seen)
      values (${tenant}, ${newId()}, ${asset}, 443, ${mark.toLowerCase()}, '[]', '{TLSv1.2}', ${mark}, ${`CN=${mark}`}, ${mark}, ${[mark]}, ${at}, ${at})`
    const [finding] = await sql<{ id: string }[]>`select id from finding where tenant_id = ${tenant} order by id limit 1`
    await keepProofs(tx, [{ finding: finding!.id, version: 1, proof: { check: `${mark}@1`, exchanges: [], control: [], matched: [mark] } }], at)
    await sql`
      insert into scan_login (tenant_id, scan_id, asset_id, record, method, outcome, why)
      select ${tenant}, id, ${asset}, ${newId()}, 'ssh', 'failed', ${mark} from scan where tenant_id = ${tenant} order by id limit 1`
  })
}

/** What is in force, applied to what is stored: a row that the program's own loop writes. */
async function applied(store: TestServer['database']['store'], tenant: string): Promise<void> {
  await store.write(tenant, async (tx) => {
    await beginRun(tx, { content: 'test', release: 0, root: '', run: newId(), before: null, hosts: 1, signatures: 1, vulnerabilities: 0 }, new Date())
    await endRun(tx, {}, new Date())
  })
}
