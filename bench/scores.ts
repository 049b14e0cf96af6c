import { fileURLToPath } from 'node:url'
import { emptyKnowledge } from '#knowledge/empty.ts'
import { recordFixPlans, readFixPlan } from '#platform/finding/fix-plan.ts'
import { settleFindings } from '#platform/finding/settle.ts'
import { loadKnowledge } from '#platform/kb/release.ts'
import { refreshThreats } from '#platform/kb/threat.ts'
import { computeTopTen, recordTopTen } from '#platform/kb/top-ten.ts'
import { createTenant } from '#platform/tenant/tenant.ts'
import { createAccount } from '#platform/user/account.ts'
import { hashPassword } from '#platform/user/password.ts'
import type { OpenStore } from '#store/open.ts'
import type { Figure } from '../src/command/bench.ts'
import { fillPages } from './pages/fill.ts'
import { inStore } from './store.ts'

const findings = Number(process.env['VIGIL_BENCH_FINDINGS'] ?? 1_000_000)

/** What an organisation with 1,000,000 findings costs: its fix plan, its Top 10, and scores when the KnowledgeBase says something new. */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  await inStore('scores', (opened) => run(opened, tell))
}

async function run(opened: OpenStore, tell: (figure: Figure) => void): Promise<void> {
  const { store } = opened
  await loadKnowledge(store, fileURLToPath(new URL('../content', import.meta.url)), Date.now)
  const passwordHash = await hashPassword('gently-paddling-otters')
  const tenant = await store.platform(async (tx) => {
    const id = await createAccount(tx, { name: 'Person', email: 'bench@example.org', passwordHash }, new Date())
    return createTenant(tx, { name: 'Organisation', manager: { id, name: 'Person', email: 'bench@example.org' }, ip: null }, new Date(), [])
  })
  await fillPages(opened.owner, [tenant], findings)
  const now = new Date()
  const figure = (metric: string, value: number, unit: string, goal: number | null): void =>
    tell({ bench: 'scores', metric, value, unit, peer: null, ratio: null, goal: goal === null ? null : `< ${goal} ${unit}`, holds: goal === null ? null : value < goal, runs: 1 })
  const timed = async (metric: string, goal: number | null, work: () => Promise<unknown>): Promise<void> => {
    const begun = performance.now()
    await work()
    figure(metric, Math.round(performance.now() - begun), 'ms', goal)
  }
  const whole = async () => null
  await timed('scores and risks of all findings by a new formula', null, () => refreshThreats(store, emptyKnowledge, now))
  await timed('fix plan, worked out in a thread', null, () => readFixPlan(store, tenant, whole, now))
  await recordFixPlans(store, now)
  await timed('fix plan, as a reader gets it', 1000, () => readFixPlan(store, tenant, whole, now))
  await timed('Top 10, worked out', 1000, () => store.read(tenant, (tx) => computeTopTen(tx, null, now)))
  await timed('Top 10 of all, by the hour', null, () => recordTopTen(store, now))
  const [most] = await opened.owner<{ id: number; n: number }[]>`select signature_id as id, count(*)::int as n from finding group by signature_id order by 2 desc limit 1`
  await opened.owner`
    insert into signature_threat (signature_id, exploited_since, exploited_by, ransomware) values (${most!.id}, '2026-11-01', 'CVE-2026-1000', false)
    on conflict (signature_id) do update set exploited_since = excluded.exploited_since, exploited_by = excluded.exploited_by`
  await timed(`a check with ${most!.n} findings becomes exploited: they are scored, their hosts counted`, null, () => settleFindings(store, tenant, { checks: [most!.id] }))
}
