import type { ScanEvent } from '#core/event.ts'
import type { Shapes } from '#core/observation.ts'
import type { Proto } from '#core/place.ts'
import type { Tx } from '#store/store.ts'
import { isClosed, type Attempt } from '../finding/ledger.ts'
import { fit } from './text.ts'

type End = Readonly<{ asset: string; outcome: 'scanned' | 'dead' | 'partial' | 'refused'; attempt: Attempt }>
type Service = Readonly<{
  asset: string; proto: Proto; port: number; rank: number; name: string; product: string | null; version: string | null; cpe: string | null; distro: string | null
  tls: boolean; banner: string | null
}>

/** Renews what is known of the hosts from what was seen of them, and their state when they are through. */
export async function keepInventory(tx: Tx, events: readonly ScanEvent[], ended: readonly End[], at: Date): Promise<void> {
  const services = servicesOf(events)
  await keepServices(tx, services, at)
  await closeServices(tx, ended, at)
  await keepHosts(tx, events, services, ended, at)
}

/** One service a port: of several sightings, the one that says most. A web application says more than the HTTP it speaks. */
function servicesOf(events: readonly ScanEvent[]): readonly Service[] {
  const best = new Map<string, Service>()
  for (const event of events) {
    if (event.type !== 'seen') continue
    const { seen } = event
    const { asset, port, proto = 'tcp' } = seen.at
    if (port === undefined) continue
    const service = seen.kind === 'service' ? serviceOf(seen.data) : seen.kind === 'port' && seen.data.state === 'open' ? serviceOf(null) : null
    if (service === null) continue
    const key = `${asset}|${proto}|${port}`
    if ((best.get(key)?.rank ?? -1) < service.rank) best.set(key, { asset, proto, port, ...service })
  }
  return [...best.values()]
}

function serviceOf(data: Shapes['service'] | null): Omit<Service, 'asset' | 'proto' | 'port'> {
  if (data === null) return { rank: 0, name: 'unknown', product: null, version: null, cpe: null, distro: null, tls: false, banner: null }
  const text = (value: string | undefined, most: number): string | null => (value === undefined || value === '' ? null : fit(value, most))
  const rank = data.name === 'unknown' ? 1 : (data.name === 'http' ? 2 : 4) + (data.product === undefined ? 0 : 1)
  return {
    rank,
    name: fit(data.name, 80),
    product: text(data.product, 200),
    version: text(data.version, 120),
    cpe: text(data.cpe, 300),
    distro: text(data.distro, 40),
    tls: data.tls,
    banner: text(data.banner, 1024),
  }
}

/** A sighting that says less than what was known within the last hour does not replace it: it is the same look, told in two batches. */
async function keepServices({ sql, tenant }: Tx, services: readonly Service[], at: Date): Promise<void> {
  if (services.length === 0) return
  await sql`
    insert into asset_service (tenant_id, asset_id, proto, port, open, name, product, version, cpe, distro, tls, banner, first_seen, last_seen)
    select ${tenant}, asset, proto, port, true, name, product, version, cpe, distro, tls, banner, ${at}::timestamptz, ${at}::timestamptz
    from jsonb_to_recordset(${sql.json(services as never)}) as s (asset uuid, proto text, port int, rank int, name text, product text, version text, cpe text, distro text, tls boolean, banner text)
    on conflict (tenant_id, asset_id, proto, port) do update set open = true, last_seen = excluded.last_seen,
      name = case when excluded.name = 'unknown' and asset_service.last_seen > ${new Date(at.getTime() - 3_600_000)} then asset_service.name else excluded.name end,
      product = case when excluded.product is null and asset_service.last_seen > ${new Date(at.getTime() - 3_600_000)} then asset_service.product else excluded.product end,
      version = case when excluded.product is null and asset_service.last_seen > ${new Date(at.getTime() - 3_600_000)} then asset_service.version else excluded.version end,
      cpe = case when excluded.product is null and asset_service.last_seen > ${new Date(at.getTime() - 3_600_000)} then asset_service.cpe else excluded.cpe end,
      distro = coalesce(excluded.distro, asset_service.distro),
      tls = excluded.tls or (asset_service.tls and excluded.name = 'unknown'),
      banner = coalesce(excluded.banner, asset_service.banner)`
}

/** A port is gone only when the walk over the ports got a conclusive answer there. */
async function closeServices({ sql, tenant }: Tx, ended: readonly End[], at: Date): Promise<void> {
  const through = ended.filter((end) => end.outcome === 'scanned' || end.outcome === 'partial')
  if (through.length === 0) return
  const rows = await sql<{ asset_id: string; proto: Proto; port: number }[]>`
    select asset_id, proto, port from asset_service where tenant_id = ${tenant} and asset_id = any(${through.map((end) => end.asset)}::uuid[]) and open and last_seen < ${at}`
  const closed = through.flatMap((end) => {
    const own = rows.filter((row) => row.asset_id === end.asset)
    const gone = own.length === 0 ? null : isClosed(end.attempt)
    return own.filter((row) => gone!(row.proto, row.port))
  })
  if (closed.length === 0) return
  await sql`
    update asset_service s set open = false
    from unnest(${closed.map((row) => row.asset_id)}::uuid[], ${closed.map((row) => row.proto)}::text[], ${closed.map((row) => row.port)}::int[]) as u (asset_id, proto, port)
    where s.tenant_id = ${tenant} and s.asset_id = u.asset_id and s.proto = u.proto and s.port = u.port`
}

const systems: Readonly<Record<string, string>> = {
  debian: 'Debian Linux', ubuntu: 'Ubuntu Linux', rhel: 'Red Hat Enterprise Linux', centos: 'CentOS Linux', fedora: 'Fedora Linux', alpine: 'Alpine Linux',
  suse: 'SUSE Linux', freebsd: 'FreeBSD', windows: 'Windows',
}

type System = Readonly<{ os: string | null; hardware: string | null; sure: number }>

/** Days after which what is less sure may replace what was read by a login long ago. */
const systemHolds = 30

/** The surest system that was seen of each host, and the surest hardware. A build in a banner counts where nothing else does. */
function systemsOf(events: readonly ScanEvent[], services: readonly Service[]): ReadonlyMap<string, System> {
  const found = new Map<string, System>()
  for (const { asset, distro } of services) if (distro !== null) found.set(asset, { os: systems[distro.toLowerCase()] ?? distro, hardware: null, sure: 40 })
  const seen = events.flatMap((event) => (event.type === 'seen' && event.seen.kind === 'system' && event.seen.data.confidence > 0 ? [event.seen] : []))
  for (const { at, data } of seen.toSorted((a, b) => a.data.confidence - b.data.confidence)) {
    const before = found.get(at.asset)
    const isNamed = data.name !== 'unknown' && data.name !== '' && data.confidence >= (before?.sure ?? 0)
    found.set(at.asset, {
      os: isNamed ? fit(data.version === undefined || data.name.includes(data.version) ? data.name : `${data.name} ${data.version}`, 200) : before?.os ?? null,
      hardware: data.hardware === undefined ? before?.hardware ?? null : fit(data.hardware, 200),
      sure: isNamed ? data.confidence : before?.sure ?? 0,
    })
  }
  return found
}

async function keepHosts({ sql, tenant }: Tx, events: readonly ScanEvent[], services: readonly Service[], ended: readonly End[], at: Date): Promise<void> {
  const assets = [...new Set(events.map((event) => (event.type === 'seen' ? event.seen.at.asset : event.asset)))]
  const up = new Set(events.flatMap((event) => (event.type === 'seen' && (event.seen.kind !== 'host' || event.seen.data.up) ? [event.seen.at.asset] : [])))
  const ends = new Map(ended.map((end) => [end.asset, end.outcome]))
  const known = systemsOf(events, services)
  const rows = assets.map((asset) => {
    const outcome = ends.get(asset)
    const tested = outcome === 'scanned' || outcome === 'partial'
    return { asset, seen: up.has(asset), state: outcome === 'dead' ? 'dead' : up.has(asset) ? 'up' : null, tested, outcome: outcome ?? null, os: known.get(asset)?.os ?? null, sure: known.get(asset)?.sure ?? 0, hardware: known.get(asset)?.hardware ?? null }
  })
  const stale = new Date(at.getTime() - systemHolds * 86_400_000)
  await sql`
    update asset_host h set
      first_seen = case when u.seen then coalesce(h.first_seen, ${at}::timestamptz) else h.first_seen end,
      last_seen = case when u.seen then ${at}::timestamptz else h.last_seen end,
      last_scanned = case when u.tested then ${at}::timestamptz else h.last_scanned end,
      state = coalesce(u.state, h.state),
      last_outcome = coalesce(u.outcome, h.last_outcome),
      os = case when u.os is not null and (u.sure >= h.os_sure or h.os_at < ${stale}) then u.os else h.os end,
      os_sure = case when u.os is not null and (u.sure >= h.os_sure or h.os_at < ${stale}) then u.sure else h.os_sure end,
      os_at = case when u.os is not null and (u.sure >= h.os_sure or h.os_at < ${stale}) then ${at}::timestamptz else h.os_at end,
      hardware = coalesce(u.hardware, h.hardware)
    from jsonb_to_recordset(${sql.json(rows as never)}) as u (asset uuid, seen boolean, state text, tested boolean, outcome text, os text, sure smallint, hardware text)
    where h.tenant_id = ${tenant} and h.id = u.asset`
}
