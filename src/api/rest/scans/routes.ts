import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { scopeOf, type Actor } from '#platform/access/actor.ts'
import { audit } from '#platform/audit/audit.ts'
import { compareScans } from '#platform/scan/compare.ts'
import { readCoverage } from '#platform/scan/coverage.ts'
import { startScan } from '#platform/scan/launch.ts'
import { listHosts, listScans, readScan, readScanDetail, removeScan, type Owner } from '#platform/scan/read.ts'
import { cancelScan, pauseScan, resumeScan } from '#platform/scan/state.ts'
import type { Tx } from '#store/store.ts'
import type { ApiContext } from '../../context.ts'
import { cursor } from '../../paging.ts'
import { Nothing } from '../../schema.ts'
import { toComparison, toHost, toRow, toScan } from './present.ts'
import {
  CompareParams, Comparison, Coverage, LaunchScan, Scan, ScanHostList, ScanHostQuery, ScanList, ScanParams, ScanQuery,
} from './schemas.ts'

const tags = ['scans']
const newest = cursor('scan.newest', ['time', 'id'])
const hosts = cursor('scan.hosts', ['number', 'id'])

/** Scans: start, watch, steer, compare. A person with a narrower scope sees the scans they started themselves. */
export const scanRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store, now } = context
  const ownerOf = (actor: Actor): Owner => (scopeOf(actor) === null ? null : actor.user.id)
  const detail = async (tx: Tx, id: string, actor: Actor) => toScan(await readScanDetail(tx, id, ownerOf(actor), now()), now())

  app.get('/scans', {
    config: { action: 'scan.read' },
    schema: { tags, summary: 'Scans, newest first', querystring: ScanQuery, response: { 200: ScanList } },
  }, async ({ actor, query }) => {
    const limit = query.limit ?? 50
    const rows = await store.read(actor.tenant, (tx) => listScans(tx, query, ownerOf(actor), newest.read(query.after), limit + 1))
    return newest.page(rows, limit, (row) => [row.created_at, row.id], (row) => toRow(row, now()))
  })

  app.post('/scans', {
    config: { action: 'scan.launch' },
    bodyLimit: 4_194_304,
    schema: { tags, summary: 'Start a scan', body: LaunchScan, response: { 201: Scan } },
  }, async ({ actor, body }, reply) => {
    const launch = {
      by: { id: actor.user.id, name: actor.user.name }, kind: 'onDemand', schedule: null, scope: scopeOf(actor),
      content: context.channel?.knowledge().release ?? '', now: now(),
    } as const
    const scan = await startScan(store, actor.tenant, body, launch, async (tx, { id, reference }) => {
      const details = { targets: (body.targets ?? '').slice(0, 1000), groups: body.assetGroupIds ?? [] }
      await audit(tx, { actor, action: 'scan.launched', object: { kind: 'scan', id, name: reference }, details }, new Date(now()))
    })
    return reply.status(201).send(await store.read(actor.tenant, (tx) => detail(tx, scan.id, actor)))
  })

  app.get('/scans/:id', {
    config: { action: 'scan.read' },
    schema: { tags, summary: 'A scan with its progress', params: ScanParams, response: { 200: Scan } },
  }, async ({ actor, params }) => store.read(actor.tenant, (tx) => detail(tx, params.id, actor)))

  app.get('/scans/:id/hosts', {
    config: { action: 'scan.read' },
    schema: { tags, summary: 'The hosts of a scan', params: ScanParams, querystring: ScanHostQuery,
      response: { 200: ScanHostList } },
  }, async ({ actor, params, query }) => {
    const limit = query.limit ?? 200
    const rows = await store.read(actor.tenant, async (tx) => {
      await readScan(tx, params.id, ownerOf(actor))
      return listHosts(tx, params.id, query.outcome ?? null, hosts.read(query.after)?.[0] ?? null, limit + 1)
    })
    return hosts.page(rows, limit, (row) => [row.position, row.asset_id], toHost)
  })

  app.get('/scans/:id/coverage', {
    config: { action: 'scan.read' },
    schema: { tags, summary: 'What a scan tested, and what it did not', params: ScanParams, response: { 200: Coverage } },
  }, async ({ actor, params }) => store.read(actor.tenant, (tx) => readCoverage(tx, params.id, ownerOf(actor))) as never)

  app.get('/scans/:id/compare/:otherId', {
    config: { action: 'scan.read' },
    schema: { tags, summary: 'What changed from another scan to this one', params: CompareParams, response: { 200: Comparison } },
  }, async ({ actor, params }) => {
    const signatures = context.channel?.knowledge().signatures
    const asks = (id: number): boolean => signatures?.get(id)?.ask !== undefined
    return toComparison(await store.read(actor.tenant, (tx) => compareScans(tx, params.id, params.otherId, ownerOf(actor), asks)))
  })

  const steers = {
    pause: { summary: 'Pause a scan', act: (tx: Tx, id: string, who: string) => pauseScan(tx, id, `paused by ${who}`, now()),
      done: 'scan.paused' },
    resume: { summary: 'Resume a paused scan', act: (tx: Tx, id: string) => resumeScan(tx, id, now()), done: 'scan.resumed' },
    cancel: { summary: 'End a scan; what it found stays',
      act: (tx: Tx, id: string, who: string) => cancelScan(tx, id, `cancelled by ${who}`, now()), done: 'scan.cancelled' },
  } as const
  for (const [name, { summary, act, done }] of Object.entries(steers)) {
    app.post(`/scans/:id/${name}`, {
      config: { action: 'scan.control' },
      schema: { tags, summary, params: ScanParams, response: { 200: Scan } },
    }, async ({ actor, params }) => store.write(actor.tenant, async (tx) => {
      const scan = await readScan(tx, params.id, ownerOf(actor))
      await act(tx, scan.id, actor.user.name)
      await audit(tx, { actor, action: done, object: { kind: 'scan', id: scan.id, name: scan.reference } }, new Date(now()))
      return detail(tx, scan.id, actor)
    }))
  }

  app.delete('/scans/:id', {
    config: { action: 'scan.control' },
    schema: { tags, summary: 'Take an ended scan off the list', params: ScanParams, response: { 204: Nothing } },
  }, async ({ actor, params }, reply) => {
    await store.write(actor.tenant, async (tx) => {
      const scan = await removeScan(tx, params.id, ownerOf(actor))
      await audit(tx, { actor, action: 'scan.removed', object: { kind: 'scan', id: scan.id, name: scan.reference } },
        new Date(now()))
    })
    return reply.status(204).send(null)
  })
}
