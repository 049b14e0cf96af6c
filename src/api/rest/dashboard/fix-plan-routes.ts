import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { scopeOf } from '#platform/access/actor.ts'
import { scopeGroups } from '#platform/asset/scope.ts'
import { readFixPlan } from '#platform/finding/fix-plan.ts'
import type { ApiContext } from '../../context.ts'
import { FixPlan, FixPlanQuery } from './fix-plan-schemas.ts'

/** Fix these, and risk falls by so much. */
export const fixPlanRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  app.get('/dashboard/fix-plan', {
    config: { action: 'finding.read' },
    schema: { tags: ['dashboard'], summary: 'What to fix, in the order that takes most risk soonest', querystring: FixPlanQuery, response: { 200: FixPlan } },
  }, async ({ actor, query }) => {
    const plan = await readFixPlan(context.store, actor.tenant, (tx) => scopeGroups(tx, scopeOf(actor)), new Date(context.now()))
    const steps = plan.steps.slice(0, query.steps ?? 20)
    return { ...plan, steps: steps.map((step) => ({ ...step, checks: [...step.checks] })), left: steps.at(-1)?.after ?? plan.risk, more: plan.more + plan.steps.length - steps.length }
  })
}
