import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Actor } from '#platform/access/actor.ts'
import { can } from '#platform/access/role.ts'
import { audit } from '#platform/audit/audit.ts'
import {
  changeScanner, createScanner, listScanners, readScanner, removeScanner, replaceScanner, type Scanner as Stored,
} from '#platform/scanner/registry.ts'
import type { ApiContext } from '../../context.ts'
import { Nothing } from '../../schema.ts'
import { ChangeScanner, CreateScanner, Scanner, ScannerList, ScannerParams, type Scanner as Shown } from './schemas.ts'

const tags = ['scanners']

/** Scanners of the organisation, and the platform's own, which serve its default network. */
export const scannerRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store, now } = context

  /** Who may not make scanners does not get to see a code with which one is made. */
  const toShown = (scanner: Stored, actor: Actor): Shown => ({
    ...scanner,
    activationCode: can(actor.role, 'scanner.manage') ? scanner.activationCode : null,
    activationExpiresAt: scanner.activationExpiresAt?.toISOString() ?? null,
    activatedAt: scanner.activatedAt?.toISOString() ?? null,
    lastSeenAt: scanner.lastSeenAt?.toISOString() ?? null,
    createdAt: scanner.createdAt.toISOString(),
    softwareLatest: context.config.version,
    contentLatest: context.channel?.knowledge().release ?? '',
  })

  app.get('/scanners', {
    config: { action: 'scanner.read' },
    schema: { tags, summary: 'Scanners', response: { 200: ScannerList } },
  }, async ({ actor }) => ({
    items: (await store.read(actor.tenant, (tx) => listScanners(tx, now()))).map((scanner) => toShown(scanner, actor)),
  }))

  app.get('/scanners/:id', {
    config: { action: 'scanner.read' },
    schema: { tags, summary: 'A scanner', params: ScannerParams, response: { 200: Scanner } },
  }, async ({ actor, params }) => toShown(await store.read(actor.tenant, (tx) => readScanner(tx, params.id, now())), actor))

  app.post('/scanners', {
    config: { action: 'scanner.manage' },
    schema: { tags, summary: 'Register a scanner and show its activation code', body: CreateScanner, response: { 201: Scanner } },
  }, async ({ actor, body }, reply) => {
    const made = await store.write(actor.tenant, async (tx) => {
      const scanner = await createScanner(tx, body.name, body.networkId ?? null, now())
      await audit(tx, { actor, action: 'scanner.created', object: { kind: 'scanner', id: scanner.id, name: scanner.name } },
        new Date(now()))
      return scanner
    })
    return reply.status(201).send(toShown(made, actor))
  })

  app.patch('/scanners/:id', {
    config: { action: 'scanner.manage' },
    schema: { tags, summary: 'Rename a scanner or move it to another network', params: ScannerParams, body: ChangeScanner,
      response: { 200: Scanner } },
  }, async ({ actor, params, body }) => toShown(await store.write(actor.tenant, async (tx) => {
    const scanner = await changeScanner(tx, params.id, body, now())
    await audit(tx, { actor, action: 'scanner.changed', object: { kind: 'scanner', id: scanner.id, name: scanner.name },
      details: body }, new Date(now()))
    return scanner
  }), actor))

  app.post('/scanners/:id/replace', {
    config: { action: 'scanner.manage' },
    schema: { tags, summary: 'Put a new appliance in its place: the old token stops, a new code is shown', params: ScannerParams,
      response: { 200: Scanner } },
  }, async ({ actor, params }) => toShown(await store.write(actor.tenant, async (tx) => {
    const scanner = await replaceScanner(tx, params.id, now())
    await audit(tx, { actor, action: 'scanner.replaced', object: { kind: 'scanner', id: scanner.id, name: scanner.name } },
      new Date(now()))
    return scanner
  }), actor))

  app.delete('/scanners/:id', {
    config: { action: 'scanner.manage' },
    schema: { tags, summary: 'Remove a scanner', params: ScannerParams, response: { 204: Nothing } },
  }, async ({ actor, params }, reply) => {
    await store.write(actor.tenant, async (tx) => {
      const { id, name } = await readScanner(tx, params.id, now())
      await removeScanner(tx, id, now())
      await audit(tx, { actor, action: 'scanner.removed', object: { kind: 'scanner', id, name } }, new Date(now()))
    })
    return reply.status(204).send(null)
  })
}
