import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { fail } from '#core/errors.ts'
import type { Severity } from '#core/signature.ts'
import type { Tx } from '#store/store.ts'
import { scopeOf, type Actor } from '#platform/access/actor.ts'
import { can } from '#platform/access/role.ts'
import { scopeGroups, type ScopeGroups } from '#platform/asset/scope.ts'
import { settleFindings } from '#platform/finding/settle.ts'
import { aboutChecks, changeEdit, countFindings, readEdits, type EditField, type EditRow } from '#platform/kb/edit.ts'
import { isOnlyTried } from '#platform/kb/release.ts'
import type { ApiContext } from '../../context.ts'
import { knownCheck } from './known-check.ts'
import { CheckParams } from './schemas.ts'
import { ChangeCheckEdit, CheckEdit, CheckEdits, type CheckEdit as Shown } from './tenant-schemas.ts'

const tags = ['knowledgebase']
/** Findings of a check that are brought to its edits before the answer. */
const atOnce = 20_000

/** What the organisation itself says of checks. */
export const checkEditRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { store } = context

  /** The check as the database or the KnowledgeBase file knows it. */
  async function requireCheck(tenant: string, id: number): Promise<Readonly<{ id: number; title: string; severity: number | null }>> {
    const row = (await store.read(tenant, (tx) => aboutChecks(tx, [id], undefined))).get(id)
    if (row !== undefined && !(await store.platform((tx) => isOnlyTried(tx, tenant, id)))) return { id, title: row.title, severity: row.severity }
    const known = (await knownCheck(context.knowledge(), id)) ?? fail('not_found', { what: 'check', id })
    return { id, title: known.title, severity: known.severity === 0 ? null : known.severity }
  }

  /** Hidden findings are counted where the reader may see them. */
  const scopeFor = async (tx: Tx, actor: Actor): Promise<ScopeGroups | undefined> => (can(actor.role, 'finding.read') ? scopeGroups(tx, scopeOf(actor)) : undefined)

  async function shown(tx: Tx, actor: Actor, check: Readonly<{ id: number; severity: number | null }>): Promise<Shown> {
    const [edits, about] = [await readEdits(tx, [check.id]), await aboutChecks(tx, [check.id], await scopeFor(tx, actor))]
    return toEdit(check.id, edits, check.severity, about.get(check.id)?.hidden ?? 0)
  }

  app.get('/kb/edits', { config: { action: 'kb.read' }, schema: { tags, summary: 'Checks that the organisation changed', response: { 200: CheckEdits } } }, async ({ actor }) => {
    const { edits, about } = await store.read(actor.tenant, async (tx) => {
      const rows = await readEdits(tx)
      return { edits: Map.groupBy(rows, (row) => row.check), about: await aboutChecks(tx, [...new Set(rows.map((row) => row.check))], await scopeFor(tx, actor)) }
    })
    const items = await Promise.all([...edits].map(async ([id, rows]) => {
      const known = about.get(id) ?? (await knownCheck(context.knowledge(), id))
      return { ...toEdit(id, rows, known?.severity ?? null, about.get(id)?.hidden ?? 0), title: known?.title ?? `Check ${id}` }
    }))
    return { items }
  })

  app.get('/kb/:id/edit', {
    config: { action: 'kb.read' },
    schema: { tags, summary: 'What the organisation says of a check', params: CheckParams, response: { 200: CheckEdit } },
  }, async ({ actor, params }) => {
    const check = await requireCheck(actor.tenant, params.id)
    return store.read(actor.tenant, (tx) => shown(tx, actor, check))
  })

  app.patch('/kb/:id/edit', {
    config: { action: 'kb.edit' },
    schema: {
      tags, summary: 'Change what a check means for the organisation', params: CheckParams, body: ChangeCheckEdit, response: { 200: CheckEdit },
      description: 'Its findings are rated, hidden or shown anew before the answer; if there are more than 20,000, within minutes after it. '
        + 'Nothing is lost: they are tested and merged on while they are hidden.',
    },
  }, async ({ actor, params, body }) => {
    const check = await requireCheck(actor.tenant, params.id)
    const follow = await store.write(actor.tenant, (tx) => changeEdit(tx, actor, check, body as typeof body & { severity?: Severity | null }, new Date(context.now()), context.jobs))
    // Of many the job does it, in seconds: nobody waits a minute for an answer.
    const few = context.jobs === undefined || (await store.read(actor.tenant, (tx) => countFindings(tx, check.id, atOnce))) < atOnce
    if (follow && few) await settleFindings(store, actor.tenant, { checks: [check.id] })
    return store.read(actor.tenant, (tx) => shown(tx, actor, check))
  })
}

function toEdit(check: number, rows: readonly EditRow[], original: number | null, hidden: number): Shown {
  const of = (field: EditField): EditRow | undefined => rows.find((row) => row.check === check && row.field === field)
  const words = (field: EditField): Shown['threat'] => {
    const row = of(field)
    return row === undefined ? null : { text: row.text, by: row.by_name, at: row.at.toISOString() }
  }
  const [severity, disabled] = [of('severity'), of('disabled')]
  return {
    check,
    severity: severity === undefined ? null : { value: severity.severity!, original, comment: severity.text, by: severity.by_name, at: severity.at.toISOString() },
    disabled: disabled === undefined ? null : { comment: disabled.text, by: disabled.by_name, at: disabled.at.toISOString() },
    threat: words('threat'), impact: words('impact'), solution: words('solution'), hidden,
  }
}
