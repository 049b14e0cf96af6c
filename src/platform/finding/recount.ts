import { assetRisk, reliefs } from '#core/risk.ts'
import type { Tx } from '#store/store.ts'

type Open = Readonly<{ asset_id: string; signature: number; severity: number; score: number }>

/**
 * Counts the open findings of these assets anew, their risk, and what each signature adds to it. Call it in every transaction that opens,
 * closes, ignores or re-scores findings, or changes the impact of an asset.
 */
export async function recountAssets(tx: Tx, assets: readonly string[]): Promise<void> {
  const sorted = [...new Set(assets)].sort()
  for (let from = 0; from < sorted.length; from += 1000) await recount(tx, sorted.slice(from, from + 1000))
}

async function recount({ sql, tenant }: Tx, assets: string[]): Promise<void> {
  const hosts = await sql<{ id: string; impact: number }[]>`
    select id, impact from asset_host where tenant_id = ${tenant} and id = any(${assets}::uuid[]) order by id for update`
  const open = await sql<Open[]>`
    select asset_id, signature_id as signature, severity, score from finding
    where tenant_id = ${tenant} and asset_id = any(${assets}::uuid[]) and status <> 'fixed' and not ignored and type <> 'information'`
  const byAsset = Map.groupBy(open, (finding) => finding.asset_id)
  const rows = hosts.map(({ id, impact }) => {
    const own = byAsset.get(id) ?? []
    const counts = [0, 0, 0, 0, 0]
    for (const finding of own) counts[finding.severity - 1]!++
    return { id, counts, risk: assetRisk(impact, own.map((finding) => finding.score)).risk, relief: reliefs(impact, own) }
  })
  const column = (index: number): number[] => rows.map((row) => row.counts[index]!)
  await sql`
    update asset_host h set risk = u.risk, open1 = u.open1, open2 = u.open2, open3 = u.open3, open4 = u.open4, open5 = u.open5
    from unnest(${rows.map((row) => row.id)}::uuid[], ${rows.map((row) => row.risk)}::smallint[], ${column(0)}::int[], ${column(1)}::int[], ${column(2)}::int[],
      ${column(3)}::int[], ${column(4)}::int[]) as u (id, risk, open1, open2, open3, open4, open5)
    where h.tenant_id = ${tenant} and h.id = u.id
      and (h.risk, h.open1, h.open2, h.open3, h.open4, h.open5) is distinct from (u.risk, u.open1, u.open2, u.open3, u.open4, u.open5)`
  const parts = rows.flatMap((row) => [...row.relief].map(([signature, part]) => ({ asset: row.id, signature, ...part })))
  const [owners, signatures] = [parts.map((part) => part.asset), parts.map((part) => part.signature)]
  await sql`
    delete from asset_relief r where r.tenant_id = ${tenant} and r.asset_id = any(${assets}::uuid[])
      and not exists (select from unnest(${owners}::uuid[], ${signatures}::int[]) as u (asset_id, signature_id) where u.asset_id = r.asset_id and u.signature_id = r.signature_id)`
  if (parts.length === 0) return
  await sql`
    insert into asset_relief (tenant_id, asset_id, signature_id, relief, findings)
    select ${tenant}, asset_id, signature_id, relief, findings
    from unnest(${owners}::uuid[], ${signatures}::int[], ${parts.map((part) => part.relief)}::real[], ${parts.map((part) => part.findings)}::int[])
      as u (asset_id, signature_id, relief, findings)
    on conflict (tenant_id, asset_id, signature_id) do update set relief = excluded.relief, findings = excluded.findings
      where (asset_relief.relief, asset_relief.findings) is distinct from (excluded.relief, excluded.findings)`
}
