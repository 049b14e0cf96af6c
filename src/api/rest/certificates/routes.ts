import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { scopeOf } from '#platform/access/actor.ts'
import { scopeGroups } from '#platform/asset/scope.ts'
import { keyOfEndpoint, listEndpoints, summariseEndpoints, type EndpointRow } from '#platform/certificate/list.ts'
import type { ApiContext } from '../../context.ts'
import { cursor } from '../../paging.ts'
import { TlsEndpointPage, TlsEndpointQuery, TlsSummary, TlsSummaryQuery, type TlsEndpoint } from './schemas.ts'

const tags = ['certificates']
const position = cursor('tls.expires', ['time', 'id'])

/** What speaks TLS, how well, and with which certificates. */
export const certificateRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context
  const at = (): Date => new Date(context.now())

  app.get('/tls-endpoints', { config: { action: 'asset.read' }, schema: { tags, summary: 'Endpoints that speak TLS, with their certificates', querystring: TlsEndpointQuery, response: { 200: TlsEndpointPage } } }, async ({ actor, query }) => {
    const limit = query.limit ?? 50
    const rows = await store.read(actor.tenant, async (tx) =>
      listEndpoints(tx, { q: query.q ?? '', scope: await scopeGroups(tx, scopeOf(actor)), now: at() }, query.sort === '-expires', position.read(query.after), limit + 1))
    return position.page(rows, limit, (row) => [...keyOfEndpoint(row)], toEndpoint)
  })

  app.get('/tls-endpoints/summary', { config: { action: 'asset.read' }, schema: { tags, summary: 'Certificates and grades in numbers', querystring: TlsSummaryQuery, response: { 200: TlsSummary } } }, async ({ actor, query }) => {
    const summary = await store.read(actor.tenant, async (tx) => summariseEndpoints(tx, { q: query.q ?? '', scope: await scopeGroups(tx, scopeOf(actor)), now: at() }))
    return { ...summary, grades: [...summary.grades] }
  })
}

function toEndpoint(row: EndpointRow): TlsEndpoint {
  const { sha256, subject, issuer } = row
  return {
    id: row.id, asset: { id: row.asset_id, address: row.address, name: row.name }, port: row.port, host: row.host === '' ? null : row.host, starttls: row.starttls,
    grade: row.grade, otherwise: row.otherwise, score: row.score, reasons: row.reasons.map((one) => ({ ...one })), protocols: [...row.accepted],
    certificate: sha256 === null || subject === null || issuer === null ? null : {
      sha256, subject, issuer, names: [...row.names], key: [row.key_type, row.key_bits].filter((part) => part !== null && part !== 0).join(' '), signatureAlgorithm: row.signature_algorithm ?? '',
      notBefore: row.not_before?.toISOString() ?? null, notAfter: row.not_after?.toISOString() ?? null, selfSigned: row.self_signed ?? false, trusted: row.trusted ?? false,
      trustError: row.trust_error, places: row.places,
    },
    firstSeenAt: row.first_seen.toISOString(), lastSeenAt: row.last_seen.toISOString(),
  }
}
