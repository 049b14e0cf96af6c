import { Worker } from 'node:worker_threads'
import { planFixes, type Plan, type PlanInput } from '#core/fix-plan.ts'
import type { Store, Tx } from '#store/store.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { packageOf, productOf } from './fields.ts'
import { inScope } from './list.ts'
import { isNotFixed, isNotIgnored, isRisk } from './shape.ts'

export type FixStep = Readonly<{
  kind: 'package' | 'check'; title: string; solution: string
  checks: readonly Readonly<{ id: number; title: string; severity: number; exploited: boolean }>[]
  checksTotal: number; findings: number; hosts: number; before: number; after: number; share: number; q: string
}>
export type FixPlan = Readonly<{ at: string; risk: number; hosts: number; mean: number; steps: readonly FixStep[]; left: number; more: number }>

export const mostSteps = 50
/** Above that a plan of the whole organisation is worked out by the hour and read from the table, and in a thread of its own. */
const manyFindings = 100_000
const shownChecks = 20

/**
 * "Fix these and risk falls by", of what the reader may see. For the whole of a large organisation it is the one worked out last (`at`); everything else is worked out
 * now.
 */
export async function readFixPlan(store: Store, tenant: string, scope: (tx: Tx) => Promise<ScopeGroups>, now: Date): Promise<FixPlan> {
  const kept = await store.read(tenant, async (tx) => {
    if ((await scope(tx)) !== null) return null
    const [row] = await tx.sql<{ plan: FixPlan; at: Date }[]>`select plan, at from fix_plan where tenant_id = ${tx.tenant} and at > ${new Date(now.getTime() - 2 * 3_600_000)}`
    return row === undefined ? null : row.plan
  })
  return kept ?? makePlan(store, tenant, scope, now)
}

/** Works the plan of every large organisation out anew; those that are not large (any more) need none. For a job that runs each hour. */
export async function recordFixPlans(store: Store, now: Date): Promise<void> {
  const tenants = await store.platform(({ sql }) => sql<{ id: string; n: number }[]>`
    select tenant_id as id, sum(open1 + open2 + open3 + open4 + open5)::int as n from asset_host group by tenant_id`)
  for (const { id, n } of tenants) {
    const plan = n > manyFindings ? await makePlan(store, id, async () => null, now) : null
    await store.write(id, async ({ sql, tenant }) => {
      if (plan === null) await sql`delete from fix_plan where tenant_id = ${tenant}`
      else {
        await sql`
          insert into fix_plan (tenant_id, plan, at) values (${tenant}, ${sql.json(plan as never)}, ${now})
          on conflict (tenant_id) do update set plan = excluded.plan, at = excluded.at`
      }
    })
  }
}

async function makePlan(store: Store, tenant: string, scope: (tx: Tx) => Promise<ScopeGroups>, now: Date): Promise<FixPlan> {
  const { input, keys, hosts } = await store.read(tenant, async (tx) => readInput(tx, await scope(tx)))
  const plan = input.host.length > manyFindings ? await planInThread(input) : planFixes(input, mostSteps)
  return store.read(tenant, async (tx) => tell(tx, plan, keys, hosts, now, await scope(tx)))
}

/** A package or product by name, or a check: what is done in one go. */
type Key = Readonly<{ name: string | null; check: number | null }>

/**
 * Findings as numbers. A finding below a package, or of a check of ours that names a product and a CVE, is settled by upgrading that; any other by what its check says. One
 * row a fix comes over, with its findings as six bytes each: a million rows of text would take seconds.
 */
async function readInput(tx: Tx, scope: ScopeGroups): Promise<Readonly<{ input: PlanInput; keys: readonly Key[]; hosts: number }>> {
  const { sql, tenant } = tx
  const impacts = await sql<{ impact: number }[]>`select h.impact from asset_host h where h.tenant_id = ${tenant} and h.risk > 0 order by h.id`
  const rows = await sql<{ name: string | null; check: number | null; cells: Uint8Array }[]>`
    with h as materialized (select h.id, (row_number() over (order by h.id) - 1)::int as n from asset_host h where h.tenant_id = ${tenant} and h.risk > 0),
      k as materialized (select s.id, ${productOf(sql)} as product from signature s)
    select name, case when name is null then signature_id end as check, string_agg(int4send(n) || int2send(score), ''::bytea) as cells
    from (
      select coalesce(nullif(lower(${packageOf(sql)}), ''), k.product) as name, f.signature_id, h.n, f.score
      from finding f join h on h.id = f.asset_id join k on k.id = f.signature_id
      where f.tenant_id = ${tenant} and ${isNotFixed(sql)} and ${isNotIgnored(sql)} and ${isRisk(sql)} ${inScope(tx, scope)}
    ) o
    group by name, case when name is null then signature_id end`
  const count = rows.reduce((sum, row) => sum + row.cells.length / 6, 0)
  const input = { impacts: Uint8Array.from(impacts, (row) => row.impact), fixes: rows.length, host: new Int32Array(count), fix: new Int32Array(count), score: new Uint8Array(count) }
  const seen = new Uint8Array(impacts.length)
  let at = 0
  for (const [fix, { cells }] of rows.entries()) {
    const view = new DataView(cells.buffer, cells.byteOffset, cells.byteLength)
    for (let place = 0; place < cells.length; place += 6, at++) {
      input.host[at] = view.getInt32(place)
      input.fix[at] = fix
      input.score[at] = view.getInt16(place + 4)
      seen[input.host[at]!] = 1
    }
  }
  return { input, keys: rows.map(({ name, check }) => ({ name, check })), hosts: seen.reduce((sum, one) => sum + one, 0) }
}

function planInThread(input: PlanInput): Promise<Plan> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./fix-plan-thread.ts', import.meta.url), { workerData: { input, most: mostSteps } })
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the thread that plans fixes ended with ${code}`)))
  })
}

type CheckRow = Readonly<{ place: number; id: number; title: string; severity: number; exploited: boolean; solution: string; total: number }>

async function tell(tx: Tx, plan: Plan, keys: readonly Key[], hosts: number, now: Date, scope: ScopeGroups): Promise<FixPlan> {
  const checks = await checksOf(tx, plan.steps.map((step) => keys[step.fix]!), scope)
  const steps = plan.steps.map((step, place): FixStep => {
    const { name, check } = keys[step.fix]!
    const own = checks.filter((one) => one.place === place)
    const first = own[0]
    return {
      kind: name === null ? 'check' : 'package',
      title: name ?? first?.title ?? `Check ${check}`,
      solution: name === null ? first?.solution ?? ''
        : `Upgrade ${name} on ${step.hosts === 1 ? 'one host' : `${step.hosts} hosts`} to a version that holds the fixes; each finding names the lowest one known.`,
      checks: own.slice(0, shownChecks).map(({ id, title, severity, exploited }) => ({ id, title, severity, exploited })),
      checksTotal: first?.total ?? 0,
      findings: step.findings, hosts: step.hosts, before: tenth(step.before), after: tenth(step.after),
        share: plan.risk === 0 ? 0 : Math.round(((step.before - step.after) / plan.risk) * 10_000) / 10_000,
      q: name === null ? `check:${check}` : `package:"${name.replace(/["\\]/g, '\\$&')}"`,
    }
  })
  return { at: now.toISOString(), risk: tenth(plan.risk), hosts, mean: hosts === 0 ? 0 : tenth(plan.risk / hosts), steps, left: tenth(plan.left), more: plan.more }
}

/** The checks that each step settles, the worst first. */
async function checksOf(tx: Tx, keys: readonly Key[], scope: ScopeGroups): Promise<readonly CheckRow[]> {
  if (keys.length === 0) return []
  const { sql, tenant } = tx
  const names = keys.flatMap(({ name }, place) => (name === null ? [] : [{ place, name }]))
  const single = keys.flatMap(({ check }, place) => (check === null ? [] : [{ place, check }]))
  return sql<CheckRow[]>`
    select place, id, title, severity, exploited, solution, total from (
      select o.place, s.id, s.title, s.severity, coalesce(t.exploited_since is not null, false) as exploited, s.solution, count(*) over (partition by o.place)::int as total,
        row_number() over (partition by o.place order by (t.exploited_since is not null) desc, s.severity desc, s.id) as n
      from (
        select distinct u.place, f.signature_id from finding f join signature s on s.id = f.signature_id
        join unnest(${names.map((one) => one.place)}::int[], ${names.map((one) => one.name)}::text[]) as u (place, name)
          on coalesce(nullif(lower(${packageOf(sql)}), ''), ${productOf(sql)}) = u.name
        where f.tenant_id = ${tenant} and ${isNotFixed(sql)} and ${isNotIgnored(sql)} and ${isRisk(sql)} ${inScope(tx, scope)}
        union all select place, id from unnest(${single.map((one) => one.place)}::int[], ${single.map((one) => one.check!)}::int[]) as u (place, id)
      ) o join signature s on s.id = o.signature_id left join signature_threat t on t.signature_id = s.id
    ) r where n <= ${shownChecks} order by place, n`
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10
}
