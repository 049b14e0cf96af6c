import type { Store } from '#store/store.ts'

const day = 86_400_000
/** Days after which what is gone is forgotten: pages are large and change often; the rest answers who had what, for a year and a month. */
export const keptDays = { http: 90, other: 400 } as const
const rowsAtOnce = 20_000

/** Forgets what has been gone for long, an organisation at a time. What is there stays, however old. */
export async function forgetGone(store: Store, now: Date): Promise<number> {
  const before = (days: number): Date => new Date(now.getTime() - days * day)
  let forgotten = 0
  const tenants = await store.platform(({ sql }) => sql<{ id: string }[]>`select id from tenant order by id`)
  for (const { id } of tenants) {
    forgotten += await store.write(id, async ({ sql, tenant }) => {
      const observations = await sql`
        delete from observation o using (
          select asset_id, id, first_seen from observation where tenant_id = ${tenant} and gone_at < ${before(keptDays.http)} and (kind = 'http' or gone_at < ${before(keptDays.other)}) limit ${rowsAtOnce}
        ) g where o.tenant_id = ${tenant} and o.asset_id = g.asset_id and o.id = g.id and o.first_seen = g.first_seen`
      const sets = await sql`delete from asset_software where tenant_id = ${tenant} and gone_at < ${before(keptDays.other)}`
      // Software that no set names any more; one that was made lately may be about to be named.
      if (sets.count > 0) {
        await sql`
          delete from software w where w.tenant_id = ${tenant} and w.created_at < ${before(1)}
            and not exists (select from asset_software s where s.tenant_id = ${tenant} and s.items @> array[w.id])`
      }
      return observations.count + sets.count
    })
  }
  return forgotten
}
