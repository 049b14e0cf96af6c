import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail } from '#core/errors.ts'
import { scopeOf } from '#platform/access/actor.ts'
import { can } from '#platform/access/role.ts'
import { scopeGroups } from '#platform/asset/scope.ts'
import { knowledgeOf } from '#platform/kb/knowledge.ts'
import { readApplied } from '#platform/observation/applied.ts'
import { affectedBy, exposureOn, type ExposedHost as Host } from '#platform/observation/exposure.ts'
import type { ApiContext } from '../../context.ts'
import { cursor } from '../../paging.ts'
import { Applied } from './applied-schemas.ts'
import { Exposure, ExposureQuery, type ExposedHost } from './exposure-schemas.ts'
import { VulnerabilityParams } from './vulnerability-schemas.ts'

const tags = ['knowledgebase']
const position = cursor('kb.exposure', ['id'])
const judgesNothing = knowledgeOf('', [])

/** How far what is in force is applied to what is known, and who had what on a past day. */
export const appliedRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store, judging } = context

  app.get('/kb/applied', { config: { action: 'kb.read' }, schema: { tags, summary: 'How far the release in force is applied to what is stored', response: { 200: Applied } } }, async ({ actor }) => {
    const { row, whole } = await store.read(actor.tenant, async (tx) => ({ row: await readApplied(tx), whole: can(actor.role, 'finding.read') && (await scopeGroups(tx, scopeOf(actor))) === null }))
    const current = judging?.inForce().current ?? null
    const content = judging?.of(actor.tenant).release ?? ''
    const isOfNow = row !== null && (judging === undefined || (row.content === content && row.root === (current?.root ?? '')))
    return {
      release: current === null ? null : { number: current.number, name: current.name, root: current.root, at: current.at },
      content, canary: judging?.lineOf(actor.tenant) === 'canary',
      state: row === null ? 'none' as const : isOfNow ? row.state : 'waiting' as const,
      startedAt: row?.started_at.toISOString() ?? null, finishedAt: isOfNow ? row.finished_at?.toISOString() ?? null : null,
      hosts: whole ? row?.hosts ?? 0 : null, done: whole ? row?.done ?? 0 : null, signatures: row?.signatures ?? 0, vulnerabilities: row === null ? 0 : row.vulnerabilities,
      findings: whole ? { new: row?.fresh ?? 0, reopened: row?.reopened ?? 0, retracted: row?.retracted ?? 0 } : null, problem: row?.problem ?? null,
    }
  })

  app.get('/kb/vulnerabilities/:name/exposure', {
    // Each looks through what is stored of every host.
    config: { action: 'finding.read', rateLimit: { max: 60, timeWindow: 60_000 } },
    schema: {
      tags, summary: 'Who had it on a day', description: 'By what is known today, over what was stored then: hosts that had the affected software, or on which a check of ours that names it would have held.',
      params: VulnerabilityParams, querystring: ExposureQuery, response: { 200: Exposure },
    },
  }, async ({ actor, params, query }) => {
    const limit = query.limit ?? 50
    const after = position.read(query.after)
    const on = dayOf(query.on ?? new Date(context.now()).toISOString().slice(0, 10))
    const found = (await context.knowledge().vulnerability(params.name)) ?? fail('not_found', { what: 'vulnerability', id: params.name })
    const knowledge = judging?.of(actor.tenant) ?? judgesNothing
    const exposure = await store.read(actor.tenant, async (tx) =>
      exposureOn(tx, await affectedBy(tx, knowledge, found, on), on, await scopeGroups(tx, scopeOf(actor)), after?.[0] ?? null, limit + 1))
    return {
      ...position.page(exposure.hosts, limit, (host) => [host.id], toExposed), name: found.name, on: on.toISOString().slice(0, 10),
      hosts: exposure.total, still: exposure.still, storedSince: exposure.storedSince?.toISOString().slice(0, 10) ?? null, software: exposure.software,
    }
  })
}

function dayOf(text: string): Date {
  const on = new Date(`${text}T00:00:00.000Z`)
  if (Number.isNaN(on.getTime()) || on.toISOString().slice(0, 10) !== text) fail('query.bad_value', { value: text, field: 'on', expected: 'it takes a day, as 2026-03-03' })
  return on
}

function toExposed(host: Host): ExposedHost {
  return {
    asset: { id: host.id, address: host.address, name: host.name, impact: host.impact }, still: host.still,
    had: host.had.map(({ first, last, gone, ...one }) => ({ ...one, firstSeenAt: first.toISOString(), lastSeenAt: last.toISOString(), goneAt: gone?.toISOString() ?? null })),
  }
}
