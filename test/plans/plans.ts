import type { Sql as Pool } from 'postgres'

/** How one statement is planned: the tenant tables it would scan without naming the tenant. */
export type Verdict = Readonly<{ statement: string; problem: string }>

/** Written into a statement of a test that must not name its tenant. */
const onPurpose = '/* row security alone */'

type Plan = Readonly<Record<string, unknown>> & Readonly<{ Plans?: readonly Plan[] }>

/**
 * Plans every statement as a generic plan, as a role that row-level security does not hold, and looks at each scan of a tenant table: its
 * condition must name `tenant_id` against a parameter, or against the tenant_id of a joined table that does. Otherwise the statement would ask
 * every shard of a cluster, and lean on row-level security alone.
 */
export async function judgePlans(owner: Pool, statements: readonly string[]): Promise<Readonly<{ planned: number; verdicts: readonly Verdict[] }>> {
  const tables = new Set((await owner`select name from placement where kind = 'tenant'`).map((row) => String(row['name'])))
  const partitions = new Map((await owner`select c.relname as child, p.relname as parent from pg_inherits join pg_class c on c.oid = inhrelid join pg_class p on p.oid = inhparent`)
    .map((row) => [String(row['child']), String(row['parent'])] as const))
  const verdicts: Verdict[] = []
  let planned = 0
  await owner.begin(async (sql) => {
    // Statements over staging tables need them to be there.
    for (const statement of statements.filter((text) => /^\s*create\s+(local\s+)?temp/i.test(text))) await sql.unsafe(statement.replace(/create\s+(local\s+)?temp(orary)?\s+table\s+(if\s+not\s+exists\s+)?/i, 'create temp table if not exists '))
    for (const statement of statements) {
      if (!/^\s*(with|select|insert|update|delete)\b/i.test(statement)) continue
      // pg-boss's own tables hold no tenant's rows; tests of row-level security itself leave the tenant out on purpose and say so.
      if (/\bjob\.job/.test(statement) || statement.includes(onPurpose)) continue
      if (/^\s*select\s+(enter_tenant|pg_notify|pg_advisory|1\b)/i.test(statement)) continue
      if (![...tables].some((table) => new RegExp(`\\b${table}\\b`).test(statement))) continue
      const point = await sql.savepoint(async (inner) => inner.unsafe(`explain (generic_plan, verbose, format json) ${statement}`)).catch((error: Error) => error)
      if (point instanceof Error) {
        verdicts.push({ statement, problem: `cannot be planned: ${point.message}` })
        continue
      }
      planned++
      const root = (point as unknown as readonly Readonly<{ 'QUERY PLAN': readonly Readonly<{ Plan: Plan }>[] }>[])[0]!['QUERY PLAN'][0]!.Plan
      for (const node of scans(root)) {
        const relation = String(node['Relation Name'])
        if (!tables.has(partitions.get(relation) ?? relation)) continue
        const conditions = ['Index Cond', 'Recheck Cond', 'Filter', 'Hash Cond', 'Join Filter', 'Merge Cond'].map((name) => (typeof node[name] === 'string' ? node[name] : '')).join(' ')
        if (!/\btenant_id = (\$\d+|\(?[a-z_0-9."]+\)?\.tenant_id|\(\$\d+\)::uuid|ANY)/.test(conditions)) verdicts.push({ statement, problem: `scans ${relation} without its tenant: ${conditions.trim() || 'no condition'}` })
      }
    }
  })
  return { planned, verdicts }
}

function* scans(plan: Plan): Generator<Plan> {
  if (String(plan['Node Type']).endsWith('Scan') && plan['Relation Name'] !== undefined) yield plan
  // A bitmap heap scan's condition may stand on the index scan below it.
  for (const child of plan.Plans ?? []) yield* scans(child)
}
