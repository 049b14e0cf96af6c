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
  await keepReliefs({ sql, tenant }, assets, rows)
}

type Part = Readonly<{ asset: string; signature: number; relief: number; findings: number }>

/** Writes what differs alone: told here, since the planner guesses at the size of lists and would compare each with each. */
async function keepReliefs({ sql, tenant }: Pick<Tx, 'sql' | 'tenant'>, assets: string[], rows: readonly Readonly<{ id: string; relief: ReturnType<typeof reliefs> }>[]): Promise<void> {
  const known = await sql<{ asset_id: string; signature_id: number; relief: number; findings: number }[]>`
    select asset_id, signature_id, relief, findings from asset_relief where tenant_id = ${tenant} and asset_id = any(${assets}::uuid[])`
  const wanted = new Map(rows.map((row) => [row.id, row.relief]))
  const same = new Set<string>()
  const gone: [string, number][] = []
  for (const row of known) {
    const part = wanted.get(row.asset_id)?.get(row.signature_id)
    if (part === undefined) gone.push([row.asset_id, row.signature_id])
    else if (part.findings === row.findings && Math.abs(part.relief - row.relief) < 0.005) same.add(`${row.asset_id} ${row.signature_id}`)
  }
  const changed = rows.flatMap((row) =>
    [...row.relief].filter(([signature]) => !same.has(`${row.id} ${signature}`)).map(([signature, part]): Part => ({ asset: row.id, signature, ...part })))
  if (gone.length > 0) {
    await sql`
      delete from asset_relief r using unnest(${gone.map(([asset]) => asset)}::uuid[], ${gone.map(([, signature]) => signature)}::int[]) as u (asset_id, signature_id)
      where r.tenant_id = ${tenant} and r.asset_id = u.asset_id and r.signature_id = u.signature_id`
  }
  if (changed.length === 0) return
  await sql`
    insert into asset_relief (tenant_id, asset_id, signature_id, relief, findings)
    select ${tenant}, asset_id, signature_id, relief, findings
    from unnest(${changed.map((part) => part.asset)}::uuid[], ${changed.map((part) => part.signature)}::int[],
      ${changed.map((part) => part.relief)}::real[], ${changed.map((part) => part.findings)}::int[])
      as u (asset_id, signature_id, relief, findings)
    on conflict (tenant_id, asset_id, signature_id) do update set relief = excluded.relief, findings = excluded.findings`
}
