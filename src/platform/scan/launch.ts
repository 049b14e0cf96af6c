import { fail } from '#core/errors.ts'
import { countAddresses, formatIpSet } from '#core/ip-set.ts'
import type { Profile } from '#core/profile.ts'
import type { Scope } from '#platform/access/actor.ts'
import { newId } from '#store/id.ts'
import { urgent } from '#store/slices.ts'
import type { Store, Tx } from '#store/store.ts'
import { publish } from '../live.ts'
import { cutSlices, readyAhead, type NamedTarget } from './cut.ts'
import { ensureProfiles, readProfile, settleLists } from './profile.ts'
import { arm } from './state.ts'
import { lookUp, namesOf, refuse, resolve, settleTargets, type Dropped } from './targets.ts'

/** Dropped targets listed at most; the rest is summed up in one line. */
const mostDropped = 10_000

export type LaunchRequest = Readonly<{
  title?: string
  targets?: string
  assetGroupIds?: readonly string[]
  networkId?: string
  profileId?: string
  scannerId?: string
  priority?: number
  pauseAfterMinutes?: number
  resumeInDays?: number
  endAfterMinutes?: number
}>

export type LaunchContext = Readonly<{
  /** Who launches; null is the system. */
  by: Readonly<{ id: string; name: string }> | null
  kind: 'onDemand' | 'scheduled'
  schedule: string | null
  /** Who may scan what; null is the whole organisation. */
  scope: Scope
  /** KnowledgeBase release in force. */
  content: string
  now: number
}>

/**
 * Starts a scan of a tenant, names looked up before the transaction: nothing slow happens inside one.
 */
export async function startScan(
  store: Store, tenant: string, request: LaunchRequest, context: LaunchContext,
  within?: (tx: Tx, scan: Launched) => Promise<void>,
): Promise<Launched> {
  const names = await store.read(tenant, (tx) => namesOf(tx, request, context))
  const addresses = await lookUp(names)
  return store.write(tenant, async (tx) => {
    const scan = await launchScan(tx, request, context, addresses)
    await within?.(tx, scan)
    return scan
  })
}

export type Launched = Readonly<{ id: string; reference: string }>

/**
 * Starts a scan: resolves its targets, keeps the list of what is not scanned, cuts the first slices and queues them, all in the
 * caller's transaction. Throws when there is nothing to scan.
 */
export async function launchScan(
  tx: Tx, request: LaunchRequest, context: LaunchContext, addresses: ReadonlyMap<string, string>,
): Promise<Launched> {
  const { now } = context
  await ensureProfiles(tx, now)
  const profile = await readProfile(tx, request.profileId ?? null)
  const resolved = await resolve(tx, request, context)
  const { network } = resolved
  if (request.scannerId !== undefined) await mustServe(tx, request.scannerId, network)
  const targets = await settleTargets(tx, resolved, addresses, now)
  const text = (request.targets ?? '').trim()
  const groups = request.assetGroupIds ?? []
  const hosts = targets.named.length + Number(countAddresses(targets.ranges))
  if (hosts === 0) refuse(text === '' ? 'the asset groups' : text, targets.dropped)
  const scan = await insertScan(tx, {
    title: request.title?.trim() || titleOf(text, hosts),
    kind: context.kind,
    network,
    scanner: request.scannerId ?? null,
    profile: { id: profile.id, name: profile.name, settings: await settleLists(tx, profile.name, profile.settings, now) },
    schedule: context.schedule,
    priority: request.priority ?? 0,
    targets: text === '' ? `asset groups: ${groups.length}` : text,
    named: targets.named,
    ranges: formatIpSet(targets.ranges),
    hosts,
    content: context.content,
    by: context.by,
    pauseAfterMinutes: request.pauseAfterMinutes ?? null,
    resumeInDays: request.resumeInDays ?? null,
    endAfterMinutes: request.endAfterMinutes ?? null,
  }, now)
  await keepDropped(tx, scan.id, targets.dropped)
  await cutSlices(tx, scan.id, readyAhead, now)
  await arm(tx, scan.id, now)
  await publish(tx, 'scan.changed', { id: scan.id, state: 'Queued' })
  return scan
}

export type Verification = Readonly<{ signature: number; asset: string; address: string; names: readonly string[]; network: string
  port: number | null; proto: 'tcp' | 'udp' | null; title: string }>

/** Tests one finding again: its host, its port and its check alone, before everything else. Done in seconds. */
export async function launchVerification(
  tx: Tx, finding: Verification, context: Pick<LaunchContext, 'by' | 'content' | 'now'>,
): Promise<Launched> {
  const { now } = context
  await ensureProfiles(tx, now)
  const { name, settings } = await readProfile(tx, null)
  const port = finding.port === null ? '' : String(finding.port)
  const narrowed: Profile = {
    ...settings,
    tcp: finding.port === null ? settings.tcp : finding.proto === 'tcp' ? port : '',
    udp: finding.port === null ? settings.udp : finding.proto === 'udp' ? port : '',
    discovery: { alwaysUp: true, tcp: finding.proto === 'tcp' ? port : settings.discovery.tcp },
    signatures: [finding.signature],
    exclude: [],
  }
  const scan = await insertScan(tx, {
    title: `Verify: ${finding.title}`.slice(0, 120),
    kind: 'verification',
    network: finding.network,
    scanner: null,
    profile: { id: null, name, settings: narrowed },
    schedule: null,
    priority: urgent,
    targets: finding.address,
    named: [{ asset: finding.asset, address: finding.address, names: finding.names }],
    ranges: '',
    hosts: 1,
    content: context.content,
    by: context.by,
    pauseAfterMinutes: null,
    resumeInDays: null,
    endAfterMinutes: null,
  }, now)
  await cutSlices(tx, scan.id, 1, now)
  await arm(tx, scan.id, now)
  await publish(tx, 'scan.changed', { id: scan.id, state: 'Queued' })
  return scan
}

type NewScan = Readonly<{
  title: string
  kind: 'onDemand' | 'scheduled' | 'verification'
  network: string
  scanner: string | null
  profile: Readonly<{ id: string | null; name: string; settings: Profile }>
  schedule: string | null
  priority: number
  targets: string
  named: readonly NamedTarget[]
  ranges: string
  hosts: number
  content: string
  by: Readonly<{ id: string; name: string }> | null
  pauseAfterMinutes: number | null
  resumeInDays: number | null
  endAfterMinutes: number | null
}>

async function insertScan(tx: Tx, scan: NewScan, now: number): Promise<Launched> {
  const id = newId(now)
  const second = Math.floor(now / 1000)
  const { sql } = tx
  const after = (minutes: number | null): Date | null => (minutes === null ? null : new Date(now + minutes * 60_000))
  const [{ n }] = await sql<[{ n: number }]>`
    select count(*)::int as n from scan where tenant_id = ${tx.tenant} and reference like ${`scan/${second}.%`}`
  // Two launches in one second may pick the same number: the later takes the next.
  for (let number = n + 1; ; number++) {
    const reference = `scan/${second}.${number}`
    const added = await sql`
      insert into scan (tenant_id, id, reference, title, kind, state, state_text, network_id, scanner_id, profile_id,
        profile_name, profile, schedule_id, priority, targets, named, ranges, next_address, is_cut, dropped_count, hosts_total,
        hosts_done, hosts_up, hosts_dead, hosts_untested, ports_open, found1, found2, found3, found4, found5, content,
        launched_by, launched_by_name, created_at, ran_before,
        pause_after_minutes, resume_in_days, window_ends_at, cancel_at)
      values (${tx.tenant}, ${id}, ${reference}, ${scan.title.slice(0, 120)}, ${scan.kind}, 'Queued', '', ${scan.network},
        ${scan.scanner}, ${scan.profile.id}, ${scan.profile.name}, ${sql.json(scan.profile.settings as never)}, ${scan.schedule},
        ${scan.priority}, ${scan.targets}, ${sql.json(scan.named as never)}, ${scan.ranges}, 0, false, 0, ${scan.hosts},
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ${scan.content},
        ${scan.by?.id ?? null}, ${scan.by?.name ?? null}, ${new Date(now)}, 0,
        ${scan.pauseAfterMinutes}, ${scan.resumeInDays}, ${after(scan.pauseAfterMinutes)}, ${after(scan.endAfterMinutes)})
      on conflict (tenant_id, reference) do nothing`
    if (added.count > 0) return { id, reference }
  }
}

async function keepDropped(tx: Tx, scan: string, dropped: readonly Dropped[]): Promise<void> {
  if (dropped.length === 0) return
  const rows = dropped.slice(0, mostDropped).map(({ target, reason, addresses, text }, position) => ({
    position, target: target.slice(0, 300), reason, addresses: String(addresses > 2n ** 62n ? 2n ** 62n : addresses),
    text: text.slice(0, 500),
  }))
  await tx.sql`
    insert into scan_dropped (tenant_id, scan_id, position, target, reason, addresses, text)
    select ${tx.tenant}, ${scan}, d.position, d.target, d.reason, d.addresses, d.text
    from jsonb_to_recordset(${tx.sql.json(rows as never)}::jsonb)
      as d(position int, target text, reason text, addresses bigint, text text)
    on conflict (tenant_id, scan_id, position) do nothing`
  await tx.sql`update scan set dropped_count = ${dropped.length} where tenant_id = ${tx.tenant} and id = ${scan}`
}

function titleOf(text: string, hosts: number): string {
  const first = text.split(/[\s,;]+/)[0] ?? ''
  if (first === '') return `${hosts} hosts`
  return hosts > 1 && text !== first ? `${first.slice(0, 60)} and more` : first.slice(0, 80)
}

async function mustServe(tx: Tx, id: string, network: string): Promise<void> {
  const [row] = /^[0-9a-f-]{36}$/.test(id)
    ? await tx.sql<{ tenant_id: string | null; network_id: string | null }[]>`
        select tenant_id, network_id from scanner where id = ${id} and (tenant_id = ${tx.tenant} or tenant_id is null)`
    : []
  if (row === undefined) fail('not_found', { what: 'scanner', id })
  if ((row.tenant_id === null ? tx.tenant : row.network_id) !== network) fail('invalid',
    { what: 'This scanner does not serve the network of the targets.' })
}

