import { askKey } from '#core/ask.ts'
import type { Shapes } from '#core/observation.ts'
import type { Signature } from '#core/signature.ts'
import type { Tx } from '#store/store.ts'
import { coverageOf, type Attempt } from '../finding/ledger.ts'
import { observationOf } from './body.ts'

/** A host that is through, with all that this attempt saw of it. */
export type Looked = Readonly<{ asset: string; attempt: Attempt; seen: ReadonlySet<string> }>

type Open = Readonly<{ asset_id: string; id: string; place: string; kind: string; proto: '' | 'tcp' | 'udp'; port: number; probe: string; stands: boolean; first_seen: Date; body: Uint8Array | null }>

/**
 * Brings the times of the hosts' observations to this look: what was seen stands; in whose place something else was seen, or which a probe looked for to its end and
 * did not see, is gone; what was not looked for keeps the time it was last seen. The hosts are locked by the caller.
 */
export async function endObservations(tx: Tx, ended: readonly Looked[], signatures: ReadonlyMap<number, Signature>, at: Date): Promise<void> {
  if (ended.length === 0) return
  const { sql, tenant } = tx
  const assets = ended.map((end) => end.asset)
  // Bodies are read of answers to special requests alone: whether they were looked for depends on the request.
  const open = await sql<Open[]>`
    select asset_id, id::text as id, place::text as place, kind, proto, port, probe, last_seen is null as stands, first_seen, case when kind = 'http' and probe like 'http-ask@%' then body end as body
    from observation where tenant_id = ${tenant} and asset_id = any(${assets}::uuid[]) and gone_at is null`
  const byAsset = Map.groupBy(open, (row) => row.asset_id)
  const asks = askers(signatures)
  const again: Open[] = []
  const left: Open[] = []
  const gone: Open[] = []
  for (const { asset, attempt, seen } of ended) {
    const rows = byAsset.get(asset) ?? []
    const places = new Set(rows.filter((row) => seen.has(row.id)).map((row) => row.place))
    const covers = coverageOf(attempt, { judged: () => true, asks: (signature) => signature !== 0 })
    for (const row of rows) {
      if (seen.has(row.id)) {
        if (!row.stands) again.push(row)
      } else if (places.has(row.place) || lookedFor(row, covers, asks)) gone.push(row)
      else if (row.stands) left.push(row)
    }
  }
  const those = (rows: readonly Open[]) => sql`(select asset_id, id from unnest(${rows.map((row) => row.asset_id)}::uuid[], ${rows.map((row) => row.id)}::bigint[]) as u (asset_id, id))`
  if (again.length > 0) await sql`update observation o set last_seen = null where o.tenant_id = ${tenant} and o.gone_at is null and (o.asset_id, o.id) in ${those(again)}`
  const frozen = [...left, ...gone.filter((row) => row.stands)]
  if (frozen.length > 0) {
    await sql`
      update observation o set last_seen = greatest(o.first_seen, h.observed_at) from asset_host h
      where o.tenant_id = ${tenant} and h.tenant_id = ${tenant} and h.id = o.asset_id and o.gone_at is null and (o.asset_id, o.id) in ${those(frozen)}`
  }
  if (gone.length > 0) await sql`update observation o set gone_at = ${at} where o.tenant_id = ${tenant} and o.gone_at is null and (o.asset_id, o.id) in ${those(gone)}`
  await sql`update asset_host set observed_at = ${at} where tenant_id = ${tenant} and id = any(${assets}::uuid[])`
}

/** Signatures by the request that they need. */
function askers(signatures: ReadonlyMap<number, Signature>): ReadonlyMap<string, readonly number[]> {
  const asks = new Map<string, number[]>()
  for (const { id, ask } of signatures.values()) {
    if (ask === undefined) continue
    const list = asks.get(askKey(ask)) ?? []
    asks.set(askKey(ask), list)
    list.push(id)
  }
  return asks
}

function lookedFor(row: Open, covers: ReturnType<typeof coverageOf>, asks: ReadonlyMap<string, readonly number[]>): boolean {
  const known = { proto: row.proto, port: row.port, probe: row.probe.replace(/@.*$/, ''), login: false }
  if (row.body === null) return covers({ ...known, signature: 0 })
  const answer = observationOf({ kind: row.kind, probe: row.probe, body: row.body }, row.asset_id, 0)
  const wanted = asks.get((answer?.data as Shapes['http'] | undefined)?.ask ?? '') ?? []
  // Behind a closed port nothing answers, whatever is asked.
  return wanted.some((signature) => covers({ ...known, signature })) || covers({ ...known, probe: '', signature: 0 })
}
