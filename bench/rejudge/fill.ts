import type { Sql as Pool } from 'postgres'
import type { Observation } from '#core/observation.ts'
import { keptOf } from '#platform/observation/body.ts'
import { softwareId } from '#platform/observation/software.ts'

const atOnce = 2000

/**
 * Stores hosts as scans would have left them: four observations each (host, ssh, a web server of one of ten versions, its page), and an inventory of packages, each in one
 * of ten versions. As the owner, past row-level security; the program itself never writes like this.
 */
export async function fillStored(owner: Pool, tenant: string, about: Readonly<{ hosts: number; packages: number; names: number }>): Promise<void> {
  await owner`select setseed(0.42)`
  await owner`
    insert into asset_host (tenant_id, id, network_id, tracking, identity, address, state, first_seen, last_seen, last_scanned, last_outcome, observed_at, created_at)
    select ${tenant}, gen_random_uuid(), ${tenant}, 'address', host('127.0.0.0'::inet + n), '127.0.0.0'::inet + n, 'up', now(), now(), now(), 'scanned', now(), now() from generate_series(1, ${about.hosts}::int) as n`
  const ids = Array.from({ length: about.names }, (_, name) => Array.from({ length: 10 }, (__, version) => {
    const text = version === 0 ? '1.0.0-1' : `1.${version}.0-1`
    return { id: softwareId({ ecosystem: 'Debian:12', name: `package-${name}`, version: text, source: `package-${name}`, sourceVersion: text, architecture: 'amd64' }), name: `package-${name}`, version: text }
  })).flat()
  await owner`
    insert into software (tenant_id, id, ecosystem, name, version, source, source_version, architecture, name_key, source_key, created_at)
    select ${tenant}, id, 'Debian:12', name, version, name, version, 'amd64', name, name, now() from unnest(${ids.map((one) => one.id)}::bigint[], ${ids.map((one) => one.name)}::text[], ${ids.map((one) => one.version)}::text[]) as u (id, name, version)`
  const hosts = await owner<{ id: string; address: string }[]>`select id, host(address) as address from asset_host where tenant_id = ${tenant} order by id`
  let random = 42
  const next = (below: number): number => {
    random = (random + 0x6d2b79f5) | 0
    let mixed = Math.imul(random ^ (random >>> 15), 1 | random)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
  for (let from = 0; from < hosts.length; from += atOnce) {
    const part = hosts.slice(from, from + atOnce)
    const rows = part.flatMap(({ id, address }, n) => seenOf(id, address, from + n).map((seen) => ({ asset: id, kept: keptOf(seen)! })))
    await owner`
      insert into observation (tenant_id, asset_id, id, place, kind, proto, port, probe, first_seen, body)
      select ${tenant}, a, i, p, k, proto, port, probe, now(), decode(body, 'base64') from unnest(${rows.map((row) => row.asset)}::uuid[], ${rows.map((row) => row.kept.id)}::bigint[], ${rows.map((row) => row.kept.place)}::bigint[],
        ${rows.map((row) => row.kept.kind)}::text[], ${rows.map((row) => row.kept.proto)}::text[], ${rows.map((row) => row.kept.port)}::int[], ${rows.map((row) => row.kept.probe)}::text[],
        ${rows.map((row) => row.kept.body.toString('base64'))}::text[]) as u (a, i, p, k, proto, port, probe, body)`
    const sets = part.map(({ id }) => {
      const start = next(about.names)
      // Most have the newest, one in twenty an old one.
      return { id, items: Array.from({ length: about.packages }, (_, n) => ids[((start + n * 7) % about.names) * 10 + (next(20) === 0 ? 0 : 1 + next(9))]!.id) }
    })
    await owner`
      insert into asset_software (tenant_id, asset_id, origin, items, first_seen, last_seen)
      select ${tenant}, id, 'login', items, now(), now() from jsonb_to_recordset(${owner.json(sets as never)}) as r (id uuid, items bigint[])`
  }
  await owner`vacuum analyze`
}

function seenOf(asset: string, address: string, n: number): readonly Observation[] {
  const at = { asset, address }
  const web = { ...at, port: 80, proto: 'tcp' } as const
  return [
    { kind: 'host', at, seen: 0, by: 'discover@1', data: { up: true, why: 'it answered' } },
    { kind: 'service', at: { ...at, port: 22, proto: 'tcp' }, seen: 0, by: 'service@1', data: { name: 'ssh', product: 'OpenSSH', version: '9.2p1', tls: false, banner: 'SSH-2.0-OpenSSH_9.2p1', facts: { protocol: '2.0' } } },
    { kind: 'service', at: web, seen: 0, by: 'service@1', data: { name: 'http', product: 'Acme httpd', version: `1.${n % 10}`, tls: false, facts: {} }, evidence: { sent: 'GET / HTTP/1.1', received: `HTTP/1.1 200 OK\nServer: Acme/1.${n % 10}` } },
    {
      kind: 'http', at: { ...web, path: '/' }, seen: 0, by: 'http@1',
      data: { method: 'GET', path: '/', status: 200, headers: { server: `Acme/1.${n % 10}` }, title: 'Welcome', body: `<html>${'<p>Some text of a page.</p>'.repeat(60)}${n}</html>`, length: 1700, catchAll: false, ask: 'GET /', tls: false },
    },
  ]
}
