import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { scopeOf } from '#platform/access/actor.ts'
import { scopeGroups } from '#platform/asset/scope.ts'
import { readDashboard, staleDays, type Dashboard as Read } from '#platform/dashboard/dashboard.ts'
import type { ApiContext } from '../../context.ts'
import { Dashboard } from './schemas.ts'

export const dashboardRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context
  app.get('/dashboard', { config: { action: 'finding.read' }, schema: { tags: ['dashboard'], summary: 'What got worse, what to fix first, what was not looked at', response: { 200: Dashboard } } }, async ({ actor }) => {
    const now = new Date(context.now())
    return toDashboard(await store.read(actor.tenant, async (tx) => readDashboard(tx, await scopeGroups(tx, scopeOf(actor)), now)), now)
  })
}

function toDashboard(read: Read, now: Date): Dashboard {
  const { posture, since } = read
  return {
    at: now.toISOString(),
    assets: { total: posture.total, up: posture.up, tested: posture.tested, neverTested: clamped(read.neverTested), atRisk: posture.at_risk, risk: posture.risk },
    open: [posture.open1, posture.open2, posture.open3, posture.open4, posture.open5],
    since: {
      from: since.from.toISOString(),
      new: since.new,
      reopened: since.reopened,
      fixed: since.fixed,
      hosts: since.hosts,
      worst: since.worst.map((row) => ({
        id: row.id, kind: row.kind, at: row.at.toISOString(), signature: row.signature, title: row.title, severity: row.severity,
        asset: { id: row.asset_id, address: row.address, name: row.name }, port: row.port === 0 ? null : row.port,
      })),
    },
    fixFirst: read.fixFirst.map((fix) => ({
      ...fix, relief: Math.round(fix.relief * 10) / 10, share: read.relief === 0 ? 0 : Math.round(Math.min(1, fix.relief / read.relief) * 1000) / 1000, q: `check:${fix.signature}`,
    })),
    gaps: gapsOf(read),
    trend: read.trend.map((day) => ({
      day: day.day.toISOString().slice(0, 10), open: [day.open1, day.open2, day.open3, day.open4, day.open5], risk: day.risk, hosts: day.hosts, tested: day.tested,
    })),
  }
}

function gapsOf({ posture, neverTested, excluded }: Read): Dashboard['gaps'] {
  const gaps: Dashboard['gaps'] = [
    { kind: 'neverTested', hosts: clamped(neverTested), text: one(neverTested, 'registered address was never tested.', 'registered addresses were never tested.'), q: 'state:untested' },
    { kind: 'stale', hosts: posture.stale, text: `The last test of ${one(posture.stale, 'host', 'hosts')} is older than ${staleDays} days.`, q: `scanned:>${staleDays}d` },
    { kind: 'partial', hosts: posture.partial, text: one(posture.partial, 'host could not be tested to the end.', 'hosts could not be tested to the end.'), q: 'outcome:partial' },
    { kind: 'dead', hosts: posture.dead, text: one(posture.dead, 'host that was there does not answer any more.', 'hosts that were there do not answer any more.'), q: 'state:dead first:<99y' },
    { kind: 'excluded', hosts: excluded, text: one(excluded, 'address is excluded from scanning.', 'addresses are excluded from scanning.'), q: null },
  ]
  return gaps.filter((gap) => gap.hosts > 0)
}

function one(count: number | bigint, single: string, plural: string): string {
  return `${count} ${Number(count) === 1 ? single : plural}`
}

function clamped(count: bigint): number {
  return Number(count > 2_147_483_647n ? 2_147_483_647n : count)
}
