import { fail } from '#core/errors.ts'
import { isId } from '#store/id.ts'
import type { Store, Tx } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { scopeGroups } from '../asset/scope.ts'
import { audit } from '../audit/audit.ts'
import { withLists } from '../kb/search-list-terms.ts'
import { publish } from '../live.ts'
import type { IgnoreReason } from './detail.ts'
import { recordEvents, type FindingEventKind } from './event.ts'
import { inScope, selectionOf } from './list.ts'
import { recountAssets } from './recount.ts'

/** By id, or all that a query means. */
export type Selected = Readonly<{ ids?: readonly string[]; q?: string }>

/** Findings changed at once at most: it is one transaction. */
export const mostChanged = 100_000

export const reasons: Readonly<Record<IgnoreReason, string>> = {
  falsePositive: 'false positive', acceptedRisk: 'accepted risk', compensated: 'compensated elsewhere', notApplicable: 'not applicable', later: 'to be fixed later',
}

/** Takes findings out of lists, counts and risk, with a reason, until a time or until somebody says otherwise. Returns how many. */
export async function ignoreFindings(
  tx: Tx, actor: Actor, selected: Selected, about: Readonly<{ reason: IgnoreReason; comment: string; until: Date | null }>, now: Date,
): Promise<number> {
  if (about.until !== null && about.until <= now) fail('finding.until_past', { until: about.until.toISOString() })
  const { sql, tenant } = tx
  const rows = await lockSelected(tx, actor, selected, now)
  const ids = rows.map((row) => row.id)
  await sql`update finding set ignored = true, ignored_until = ${about.until} where tenant_id = ${tenant} and id = any(${ids}::uuid[])`
  await sql`
    insert into finding_ignore (tenant_id, finding_id, reason, comment, until, by_id, by_name, at)
    select ${tenant}, id, ${about.reason}, ${about.comment}, ${about.until}, ${actor.user.id}::uuid, ${actor.user.name}, ${now} from unnest(${ids}::uuid[]) as u (id)
    on conflict (tenant_id, finding_id) do update set reason = excluded.reason, comment = excluded.comment, until = excluded.until, by_id = excluded.by_id, by_name = excluded.by_name, at = excluded.at`
  const until = about.until === null ? '' : ` until ${about.until.toISOString().slice(0, 10)}`
  await settle(tx, rows, 'ignored', `Ignored${until} as ${reasons[about.reason]}: ${about.comment}`, now, actor)
  await audit(tx, { actor, action: 'finding.ignored', details: { findings: ids.length, reason: about.reason, comment: about.comment, until: about.until?.toISOString() ?? null, ids: ids.slice(0, 100), query: selected.q ?? null } }, now)
  return ids.length
}

export async function unignoreFindings(tx: Tx, actor: Actor, selected: Selected, comment: string, now: Date): Promise<number> {
  const query = selected.q === undefined ? selected : { q: /\bignored:/i.test(selected.q) ? selected.q : `(${selected.q || 'times:>0'}) ignored:true` }
  const rows = (await lockSelected(tx, actor, query, now)).filter((row) => row.ignored)
  await show(tx, rows.map((row) => row.id))
  await settle(tx, rows, 'unignored', comment === '' ? 'Not ignored any more.' : `Not ignored any more: ${comment}`, now, actor)
  await audit(tx, { actor, action: 'finding.unignored', details: { findings: rows.length, comment, ids: rows.slice(0, 100).map((row) => row.id), query: selected.q ?? null } }, now)
  return rows.length
}

/** Shows again what was ignored until a time that has come. For a job that runs each minute; returns how many. */
export async function expireIgnores(store: Store, now: Date): Promise<number> {
  const due = await store.platform(({ sql }) => sql<{ tenant_id: string }[]>`select distinct tenant_id from finding where ignored_until is not null and ignored_until <= ${now}`)
  let expired = 0
  for (const { tenant_id: tenant } of due) {
    expired += await store.write(tenant, async (tx) => {
      await tx.sql`
        select h.id from asset_host h where h.tenant_id = ${tenant} and h.id in (
          select f.asset_id from finding f where f.tenant_id = ${tenant} and f.ignored_until is not null and f.ignored_until <= ${now}) order by h.id for update`
      const rows = await tx.sql<Row[]>`
        select id, asset_id, signature_id, severity, type, ignored from finding
        where tenant_id = ${tenant} and ignored_until is not null and ignored_until <= ${now} order by id limit ${mostChanged} for update`
      await show(tx, rows.map((row) => row.id))
      await settle(tx, rows, 'ignoreExpired', 'The time for which it was ignored is over.', now, null)
      return rows.length
    })
  }
  return expired
}

type Row = Readonly<{ id: string; asset_id: string; signature_id: number; severity: number; type: string; ignored: boolean }>

/** Hosts first, then findings: in the order in which results of scans lock them, so that neither waits for the other for ever. */
async function lockSelected(tx: Tx, actor: Actor, selected: Selected, now: Date): Promise<readonly Row[]> {
  const { sql, tenant } = tx
  const scope = await scopeGroups(tx, actor.scope)
  const { ids, q } = selected
  if ((ids === undefined) === (q === undefined)) fail('finding.nothing_selected')
  const strange = ids?.find((id) => !isId(id))
  if (strange !== undefined) fail('not_found', { what: 'finding', id: strange })
  const selection = await withLists(tx, { q: q ?? '', scope, now })
  const which = ids === undefined
    ? () => selectionOf(tx, selection)
    : () => sql`f.tenant_id = ${tenant} and f.id = any(${ids as string[]}::uuid[]) ${inScope(tx, scope)}`
  await sql`
    select h.id from asset_host h where h.tenant_id = ${tenant} and h.id in (select f.asset_id from finding f where ${which()}) order by h.id for update`
  const rows = await sql<Row[]>`
    select f.id, f.asset_id, f.signature_id, f.severity, f.type, f.ignored from finding f where ${which()} order by f.id limit ${mostChanged + 1} for update`
  if (rows.length > mostChanged) fail('finding.too_many', { count: `more than ${mostChanged}`, most: mostChanged })
  const known = new Set(rows.map((row) => row.id))
  const missing = ids?.find((id) => !known.has(id))
  if (missing !== undefined) fail('not_found', { what: 'finding', id: missing })
  return rows
}

async function show({ sql, tenant }: Tx, ids: readonly string[]): Promise<void> {
  // What a disabled check hides stays hidden until the check is enabled.
  await sql`update finding set ignored = disabled, ignored_until = null where tenant_id = ${tenant} and id = any(${ids as string[]}::uuid[])`
  await sql`delete from finding_ignore where tenant_id = ${tenant} and finding_id = any(${ids as string[]}::uuid[])`
}

async function settle(tx: Tx, rows: readonly Row[], kind: FindingEventKind, text: string, now: Date, actor: Actor | null): Promise<void> {
  await recordEvents(tx, rows.map((row) => ({
    finding: row.id, asset: row.asset_id, signature: row.signature_id, severity: row.severity, type: row.type, kind, text, ...(actor === null ? {} : { by: actor.user }),
  })), now)
  const assets = [...new Set(rows.map((row) => row.asset_id))]
  await recountAssets(tx, assets)
  if (assets.length > 0) await publish(tx, 'finding.changed', { assets: assets.slice(0, 100), new: 0, reopened: 0, fixed: 0 })
}
