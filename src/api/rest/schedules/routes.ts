import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { scopeOf, type Actor } from '#platform/access/actor.ts'
import { audit } from '#platform/audit/audit.ts'
import { checkTiming, timingText, upcomingRuns } from '#platform/schedule/recurrence.ts'
import {
  changeSchedule, createSchedule, listSchedules, readSchedule, removeSchedule, type Schedule as Stored, type ScheduleDefinition,
} from '#platform/schedule/schedule.ts'
import type { ApiContext } from '../../context.ts'
import { cursor } from '../../paging.ts'
import { Nothing } from '../../schema.ts'
import {
  ChangeSchedule, CreateSchedule, Preview, PreviewSchedule, Schedule, ScheduleList, ScheduleParams, ScheduleQuery,
  type Schedule as Shown,
} from './schemas.ts'

const tags = ['schedules']
const byName = cursor('schedule.name', ['text', 'id'])

/** Schedules of scans. As with scans, a person with a narrower scope sees those they made. */
export const scheduleRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store, now } = context
  const ownerOf = (actor: Actor): string | null => (scopeOf(actor) === null ? null : actor.user.id)

  app.get('/schedules', {
    config: { action: 'scan.read' },
    schema: { tags, summary: 'Schedules by name', querystring: ScheduleQuery, response: { 200: ScheduleList } },
  }, async ({ actor, query }) => {
    const limit = query.limit ?? 100
    const rows = await store.read(actor.tenant,
      (tx) => listSchedules(tx, byName.read(query.after), limit + 1, ownerOf(actor), now()))
    return byName.page(rows, limit, (row) => [row.name, row.id], toShown)
  })

  app.post('/schedules/preview', {
    config: { action: 'scan.read' },
    schema: { tags, summary: 'When a recurrence would run', body: PreviewSchedule, response: { 200: Preview } },
  }, async ({ body }) => {
    checkTiming(body)
    return { text: timingText(body), upcoming: upcomingRuns(body, now(), 12).map((at) => new Date(at).toISOString()) }
  })

  app.get('/schedules/:id', {
    config: { action: 'scan.read' },
    schema: { tags, summary: 'A schedule', params: ScheduleParams, response: { 200: Schedule } },
  }, async ({ actor, params }) => toShown(await store.read(actor.tenant,
    (tx) => readSchedule(tx, params.id, ownerOf(actor), now()))))

  app.post('/schedules', {
    config: { action: 'schedule.edit' },
    bodyLimit: 4_194_304,
    schema: { tags, summary: 'Make a schedule', body: CreateSchedule, response: { 201: Schedule } },
  }, async ({ actor, body }, reply) => {
    const definition: ScheduleDefinition = {
      targets: '', assetGroupIds: [], networkId: null, profileId: null, scannerId: null, priority: 0, occurrences: null,
      window: {}, active: true, ...body,
    }
    const made = await store.write(actor.tenant, async (tx) => {
      const schedule = await createSchedule(tx, definition, { id: actor.user.id, name: actor.user.name }, scopeOf(actor), now())
      await audit(tx, { actor, action: 'schedule.created', object: { kind: 'schedule', id: schedule.id, name: schedule.name },
        details: { when: schedule.text } }, new Date(now()))
      return schedule
    })
    return reply.status(201).send(toShown(made))
  })

  app.patch('/schedules/:id', {
    config: { action: 'schedule.edit' },
    bodyLimit: 4_194_304,
    schema: { tags, summary: 'Change a schedule, or switch it on or off', params: ScheduleParams, body: ChangeSchedule,
      response: { 200: Schedule } },
  }, async ({ actor, params, body }) => toShown(await store.write(actor.tenant, async (tx) => {
    const schedule = await changeSchedule(tx, params.id, body, scopeOf(actor), ownerOf(actor), now())
    const details = { when: schedule.text, active: schedule.active }
    await audit(tx, { actor, action: 'schedule.changed', object: { kind: 'schedule', id: schedule.id, name: schedule.name },
      details }, new Date(now()))
    return schedule
  })))

  app.delete('/schedules/:id', {
    config: { action: 'schedule.edit' },
    schema: { tags, summary: 'Remove a schedule; its scans stay', params: ScheduleParams, response: { 204: Nothing } },
  }, async ({ actor, params }, reply) => {
    await store.write(actor.tenant, async (tx) => {
      const name = await removeSchedule(tx, params.id, ownerOf(actor))
      await audit(tx, { actor, action: 'schedule.removed', object: { kind: 'schedule', id: params.id, name } }, new Date(now()))
    })
    return reply.status(204).send(null)
  })
}

function toShown(schedule: Stored): Shown {
  const { scope: _scope, createdBy: _createdBy, createdByName: _createdByName, ...shown } = schedule
  const time = (at: Date | null): string | null => at?.toISOString() ?? null
  return {
    ...shown,
    assetGroupIds: [...shown.assetGroupIds],
    recurrence: shown.recurrence.kind === 'weekly' ? { ...shown.recurrence, days: [...shown.recurrence.days] } : shown.recurrence,
    nextAt: time(shown.nextAt),
    upcoming: shown.upcoming.map((at) => at.toISOString()),
    lastRunAt: time(shown.lastRunAt),
    createdAt: shown.createdAt.toISOString(),
    updatedAt: shown.updatedAt.toISOString(),
  }
}
