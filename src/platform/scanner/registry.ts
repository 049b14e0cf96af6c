import { createHash, randomInt, timingSafeEqual } from 'node:crypto'
import { fail } from '#core/errors.ts'
import type { ScannerInfo } from '#channel/channel.ts'
import { isPublicKey } from '#channel/seal.ts'
import { newId } from '#store/id.ts'
import type { Claimant } from '#store/slices.ts'
import type { PlatformTx, Tx } from '#store/store.ts'

/** A heartbeat is due at least this often; a scanner is offline when three are missing. */
export const heartbeatMs = 30_000
export const missedUntilOffline = 3
/** How long an activation code is good for. */
export const codeHours = 48

export type Scanner = Readonly<{
  id: string
  name: string
  builtIn: boolean
  status: 'new' | 'online' | 'offline'
  network: Readonly<{ id: string; name: string }> | null
  activationCode: string | null
  activationExpiresAt: Date | null
  activatedAt: Date | null
  lastSeenAt: Date | null
  heartbeatsMissed: number
  software: string | null
  content: string | null
  runningSlices: number
  runningScans: number
  capacity: number
  lastAddress: string | null
  createdAt: Date
}>

type Row = Readonly<{
  id: string
  tenant_id: string | null
  network_id: string | null
  network_name: string | null
  name: string
  activation_code: string | null
  activation_expires_at: Date | null
  activated_at: Date | null
  last_seen_at: Date | null
  software: string | null
  content: string | null
  capacity: number
  last_address: string | null
  created_at: Date
  slices: number
  scans: number
}>

/** The tenant's scanners, and the platform's own, of which a tenant sees only what concerns it. */
export async function listScanners(tx: Tx, now: number, id: string | null = null): Promise<readonly Scanner[]> {
  const rows = await tx.sql<Row[]>`
    select s.id, s.tenant_id, s.network_id, s.name, s.activation_code, s.activation_expires_at, s.activated_at, s.last_seen_at,
    s.software,
      s.content, s.capacity, s.last_address, s.created_at, coalesce(l.slices, 0) as slices, coalesce(l.scans, 0) as scans
    from scanner s
      left join (select leased_by, count(*)::int as slices, count(distinct scan_id)::int as scans from scan_slice
        where tenant_id = ${tx.tenant} and state = 'leased' group by leased_by) l on l.leased_by = s.id
    where (s.tenant_id = ${tx.tenant} or (s.tenant_id is null and s.last_seen_at > ${new Date(now - 30 * 86_400_000)}))
      and ${id === null ? tx.sql`true` : tx.sql`s.id = ${id}`}
    order by s.tenant_id nulls first, s.name, s.id limit 1000`
  const networks = await tx.sql<{ id: string; name: string }[]>`select id, name from network where tenant_id = ${tx.tenant}`
  return rows.map((row) => scannerOf(row, networks, tx.tenant, now))
}

export async function readScanner(tx: Tx, id: string, now: number): Promise<Scanner> {
  const [scanner] = isUuid(id) ? await listScanners(tx, now, id) : []
  return scanner ?? fail('not_found', { what: 'scanner', id })
}

/** Registers a scanner that is yet to call: shows the code with which it will. */
export async function createScanner(tx: Tx, name: string, network: string | null, now: number): Promise<Scanner> {
  const id = newId(now)
  await freeName(tx, name, id)
  await mustBeNetwork(tx, network ?? tx.tenant)
  await tx.sql`
    insert into scanner (id, tenant_id, network_id, name, activation_code, activation_expires_at, running, capacity, created_at)
    values (${id}, ${tx.tenant}, ${network ?? tx.tenant}, ${name}, ${newCode()}, ${codeExpiry(now)}, 0, 0, ${new Date(now)})`
  return readScanner(tx, id, now)
}

export async function changeScanner(tx: Tx, id: string, change: Readonly<{ name?: string; networkId?: string }>,
  now: number): Promise<Scanner> {
  const known = await own(tx, id, now)
  const name = change.name ?? known.name
  await freeName(tx, name, id)
  if (change.networkId !== undefined) await mustBeNetwork(tx, change.networkId)
  await tx.sql`
    update scanner set name = ${name}, network_id = ${change.networkId ?? known.network?.id ?? tx.tenant} where tenant_id = ${tx.tenant} and id = ${id}`
  return readScanner(tx, id, now)
}

/** A new appliance in the place of the old one, whose token stops working; also gives a fresh code when the first has expired. */
export async function replaceScanner(tx: Tx, id: string, now: number): Promise<Scanner> {
  await own(tx, id, now)
  await tx.sql`
    update scanner set token_hash = null, activated_at = null, activation_code = ${newCode()},
    activation_expires_at = ${codeExpiry(now)},
      last_seen_at = null, software = null, content = null, last_address = null, public_key = null
    where tenant_id = ${tx.tenant} and id = ${id}`
  return readScanner(tx, id, now)
}

export async function removeScanner(tx: Tx, id: string, now: number): Promise<void> {
  await own(tx, id, now)
  await tx.sql`delete from scanner where tenant_id = ${tx.tenant} and id = ${id}`
}

/**
 * Exchanges a code for a registration. The scanner makes its own token and shows only the hash, so that the token never travels
 * before it is in force. The same code with the same hash works again: the first answer may have been lost.
 */
export async function activateScanner(tx: PlatformTx, code: string, tokenHash: Uint8Array,
  now: number): Promise<Readonly<{ id: string; name: string }>> {
  const [again] = await tx.sql<{ id: string; name: string }[]>`
    select id, name from scanner where token_hash = ${Buffer.from(tokenHash)}`
  if (again !== undefined) return again
  const [row] = await tx.sql<{ id: string; name: string }[]>`
    update scanner set token_hash = ${Buffer.from(tokenHash)}, activated_at = ${new Date(now)}, activation_code = null,
    activation_expires_at = null
    where activation_code = ${normalCode(code)} and activation_expires_at > ${new Date(now)} returning id, name`
  return row ?? fail('scanner.bad_code')
}

/** Whose token it is; null when nobody's. */
export async function findScanner(tx: PlatformTx, token: string): Promise<Claimant | null> {
  const hash = hashToken(token)
  const [row] = await tx.sql<{ id: string; tenant_id: string; network_id: string; token_hash: Uint8Array }[]>`
    select id, tenant_id, network_id, token_hash from scanner where token_hash = ${Buffer.from(hash)}`
  return row !== undefined && timingSafeEqual(row.token_hash, hash) ? { id: row.id, tenant: row.tenant_id,
    network: row.network_id } : null
}

export function hashToken(token: string): Uint8Array {
  return createHash('sha256').update(token).digest()
}

/** The scanner inside the platform: makes itself known at every start, under an id that its data directory keeps. */
export async function registerBuiltIn(tx: PlatformTx, id: string, name: string, capacity: number, now: number): Promise<void> {
  const at = new Date(now)
  await tx.sql`
    insert into scanner (id, name, activated_at, last_seen_at, running, capacity, created_at)
    values (${id}, ${name}, ${at}, ${at}, 0, ${capacity}, ${at})
    on conflict (id) do update set name = excluded.name, capacity = excluded.capacity, last_seen_at = excluded.last_seen_at`
}

/** What a scanner says of itself with each lease. False when it is not registered any more. */
export async function heartbeat(tx: PlatformTx, id: string, me: ScannerInfo, address: string | null,
  now: number): Promise<boolean> {
  const updated = await tx.sql`
    update scanner set last_seen_at = ${new Date(now)}, software = ${me.software.slice(0, 80)},
    content = ${me.content.slice(0, 80)},
      running = ${me.holds.length}, capacity = ${me.capacity}, last_address = coalesce(${address}, last_address),
      public_key = case when tenant_id is null then ${keyOf(me)}::text else coalesce(public_key, ${keyOf(me)}::text) end
    where id = ${id}`
  return updated.count > 0
}

/**
 * The key that logins are sealed to. The built-in scanner makes a new one at every start; a remote one keeps the one it said first, and who says another, with a token that
 * may be stolen, gets no login until the scanner is activated anew.
 */
export async function sealingKey(tx: PlatformTx, id: string, me: ScannerInfo): Promise<string | null> {
  const said = keyOf(me)
  if (said === null) return null
  const [row] = await tx.sql`select from scanner where id = ${id} and public_key = ${said}`
  return row === undefined ? null : said
}

function keyOf(me: ScannerInfo): string | null {
  return isPublicKey(me.key) ? me.key : null
}

export async function touch(tx: PlatformTx, id: string, now: number): Promise<boolean> {
  return (await tx.sql`update scanner set last_seen_at = ${new Date(now)} where id = ${id}`).count > 0
}

function scannerOf(row: Row, networks: readonly Readonly<{ id: string; name: string }>[], tenant: string, now: number): Scanner {
  const since = row.last_seen_at === null ? null : now - row.last_seen_at.getTime()
  const missed = since === null ? 0 : Math.min(9999, Math.floor(since / heartbeatMs))
  const expired = row.activation_expires_at !== null && row.activation_expires_at.getTime() <= now
  return {
    id: row.id,
    name: row.name,
    builtIn: row.tenant_id === null,
    status: row.activated_at === null ? 'new' : since !== null && missed < missedUntilOffline ? 'online' : 'offline',
    network: networks.find((network) => network.id === (row.tenant_id === null ? tenant : row.network_id)) ?? null,
    activationCode: expired ? null : row.activation_code,
    activationExpiresAt: row.activation_expires_at,
    activatedAt: row.activated_at,
    lastSeenAt: row.last_seen_at,
    heartbeatsMissed: missed,
    software: row.software,
    content: row.content,
    runningSlices: row.slices,
    runningScans: row.scans,
    capacity: row.capacity,
    lastAddress: row.tenant_id === null ? null : row.last_address,
    createdAt: row.created_at,
  }
}

async function own(tx: Tx, id: string, now: number): Promise<Scanner> {
  const known = await readScanner(tx, id, now)
  return known.builtIn ? fail('scanner.built_in') : known
}

async function freeName(tx: Tx, name: string, id: string): Promise<void> {
  const [taken] = await tx.sql`select from scanner where tenant_id = ${tx.tenant} and name = ${name} and id <> ${id}`
  if (taken !== undefined) fail('scanner.name_taken', { name })
}

async function mustBeNetwork(tx: Tx, id: string): Promise<void> {
  const [row] = isUuid(id) ? await tx.sql`select from network where tenant_id = ${tx.tenant} and id = ${id}` : []
  if (row === undefined) fail('not_found', { what: 'network', id })
}

/** Twenty characters that are not mistaken for one another when read out: 98 bits. */
function newCode(): string {
  const letters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ'
  return Array.from({ length: 20 }, (_, index) => (index > 0 && index % 5 === 0 ? '-' : '') + letters[randomInt(letters.length)]!).join('')
}

function normalCode(code: string): string {
  return (code.toUpperCase().replaceAll(/[^A-Z0-9]/g, '').match(/.{1,5}/g) ?? []).join('-')
}

function codeExpiry(now: number): Date {
  return new Date(now + codeHours * 3_600_000)
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/.test(text)
}
