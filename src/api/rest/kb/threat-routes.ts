import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { formatTerm } from '#core/query/query.ts'
import { scopeOf } from '#platform/access/actor.ts'
import { can } from '#platform/access/role.ts'
import { scopeGroups } from '#platform/asset/scope.ts'
import { readThreatFeed } from '#platform/kb/threat-feed.ts'
import { readPlatformTopTen, readTopTen, topDays, type Side, type TopTen as Read } from '#platform/kb/top-ten.ts'
import type { ApiContext } from '../../context.ts'
import { ThreatQuery, Threats, TopQuery, TopTen, type TopTen as Shown } from './tenant-schemas.ts'

const tags = ['knowledgebase']

/** What is dangerous now, in the world and here. */
export const threatRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context

  app.get('/kb/top10', {
    config: { action: 'finding.read' },
    schema: {
      tags, summary: 'Top 10 of weaknesses, internal and external', description: 'Of the organisation, or of all organisations of this platform together.',
      querystring: TopQuery, response: { 200: TopTen },
    },
  }, async ({ actor, query }) => {
    const now = new Date(context.now())
    if (query.of !== 'platform') return toTop('organisation', await store.read(actor.tenant, async (tx) => readTopTen(tx, await scopeGroups(tx, scopeOf(actor)), now)))
    return toTop('platform', (await readPlatformTopTen(store)) ?? { at: now, scanned: { internal: 0, external: 0 }, items: [] })
  })

  app.get('/kb/threats', {
    config: { action: 'kb.read' },
    schema: { tags, summary: 'Exploited, weaponised and likely to be, newest first, with what of it is open here', querystring: ThreatQuery, response: { 200: Threats } },
  }, async ({ actor, query }) => {
    const knowledge = context.knowledge()
    const feed = await readThreatFeed(store, actor.tenant, knowledge, async (tx) => (can(actor.role, 'finding.read') ? scopeGroups(tx, scopeOf(actor)) : undefined), {
      mine: query.affects === 'me', limit: query.limit ?? 50, ...(query.kind === undefined ? {} : { kind: query.kind }),
    })
    return {
      release: knowledge.facts.number === 0 ? null : knowledge.facts.name, mine: feed.mine,
      items: feed.items.map(({ row, kinds, at, hosts, findings }) => ({
        name: row.name, check: row.id, title: row.title, severity: row.severity, cvssScore: row.score,
        kinds: [...kinds], exploitedSince: row.exploitedSince, ransomware: row.ransomware, exploit: row.exploit,
        ssvc: row.ssvc, epss: row.epss, at, products: row.products.slice(0, 20), detection: [...row.detection], hosts, findings, q: formatTerm('cve', row.name),
      })),
    }
  })
}

function toTop(of: Shown['of'], read: Read): Shown {
  const list = (side: Side): Shown['internal'] => ({
    scanned: read.scanned[side],
    items: read.items.filter((row) => row.side === side).map((row) => ({
      rank: row.rank, check: row.signature, title: row.title, severity: row.severity, cve: row.cve, exploited: row.exploited, hosts: row.hosts,
      prevalence: row.scanned === 0 ? 0 : Math.round((row.hosts / row.scanned) * 1000) / 1000, score: Math.round(row.score * 1000) / 1000, q: `check:${row.signature}`,
    })),
  })
  const why = read.items.length > 0 ? null
    : of === 'platform' ? 'Worked out each hour, of what at least five organisations of this platform have; there is nothing of that kind yet.'
      : `Nothing urgent or critical is open on the hosts that answered in the last ${topDays} days.`
  return { of, at: read.at.toISOString(), days: topDays, internal: list('internal'), external: list('external'), why }
}
