import type { Store, Tx } from '#store/store.ts'
import type { Rules } from '../kb/rules.ts'

export type AppliedState = 'waiting' | 'running' | 'done' | 'failed'

/** How far what is in force is applied to one organisation. */
export type AppliedRow = Readonly<{
  content: string; release: number; root: string; state: AppliedState; run: string; before_release: number | null; before_root: string | null; before_rules: Rules | null
  position: string | null; hosts: number; done: number; signatures: number; vulnerabilities: number | null; fresh: number; reopened: number; retracted: number; problem: string | null
  started_at: Date; finished_at: Date | null
}>

export async function readApplied({ sql, tenant }: Tx): Promise<AppliedRow | null> {
  const [row] = await sql<AppliedRow[]>`
    select content, release, root, state, run, before_release, before_root, before_rules, position, hosts, done, signatures, vulnerabilities, fresh, reopened, retracted, problem, started_at, finished_at
    from kb_applied where tenant_id = ${tenant}`
  return row ?? null
}

/** Where each organisation stands, those that wait longest first. */
export async function standings(store: Store): Promise<readonly Readonly<{ tenant: string; content: string | null; root: string | null; state: AppliedState | null; started: Date | null }>[]> {
  return store.platform(({ sql }) => sql<{ tenant: string; content: string | null; root: string | null; state: AppliedState | null; started: Date | null }[]>`
    select t.id as tenant, a.content, a.root, a.state, a.started_at as started from tenant t left join kb_applied a on a.tenant_id = t.id where t.state <> 'closing' order by a.finished_at nulls first, t.id`)
}

export type Beginning = Readonly<{
  content: string; release: number; root: string; run: string; before: Readonly<{ release: number; root: string; rules: Rules }> | null
  hosts: number; signatures: number; vulnerabilities: number | null
}>

/** Begins a run. What it starts from is what the last one that came to its end had applied. */
export async function beginRun({ sql, tenant }: Tx, run: Beginning, at: Date): Promise<void> {
  const { before } = run
  await sql`
    insert into kb_applied (tenant_id, content, release, root, state, run, before_release, before_root, before_rules, position, hosts, done, signatures, vulnerabilities, fresh, reopened, retracted, problem,
      started_at, finished_at)
    values (${tenant}, ${run.content}, ${run.release}, ${run.root}, 'running', ${run.run}, ${before?.release ?? null}, ${before?.root ?? null}, ${before === null ? null : sql.json(before.rules as never)},
      null, ${run.hosts}, 0, ${run.signatures}, ${run.vulnerabilities}, 0, 0, 0, null, ${at}, null)
    on conflict (tenant_id) do update set content = excluded.content, release = excluded.release, root = excluded.root, state = excluded.state, run = excluded.run,
      before_release = excluded.before_release, before_root = excluded.before_root, before_rules = excluded.before_rules, position = null, hosts = excluded.hosts, done = 0,
      signatures = excluded.signatures, vulnerabilities = excluded.vulnerabilities, fresh = 0, reopened = 0, retracted = 0, problem = null, started_at = excluded.started_at, finished_at = null`
}

/** One batch further, in the transaction of the batch. */
export async function advanceRun({ sql, tenant }: Tx, position: string, by: Readonly<{ hosts: number; fresh: number; reopened: number; retracted: number }>): Promise<void> {
  await sql`
    update kb_applied set position = ${position}, done = done + ${by.hosts}, fresh = fresh + ${by.fresh}, reopened = reopened + ${by.reopened}, retracted = retracted + ${by.retracted}
    where tenant_id = ${tenant}`
}

/** What was applied is now what the next run starts from. */
export async function endRun({ sql, tenant }: Tx, rules: Rules, at: Date): Promise<void> {
  await sql`
    update kb_applied set state = 'done', done = greatest(done, hosts), before_release = release, before_root = root, before_rules = ${sql.json(rules as never)}, finished_at = ${at}
    where tenant_id = ${tenant}`
}

export async function failRun({ sql, tenant }: Tx, problem: string): Promise<void> {
  await sql`update kb_applied set state = 'failed', problem = ${problem} where tenant_id = ${tenant}`
}
