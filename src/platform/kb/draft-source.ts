import { createHash } from 'node:crypto'
import type { Signature } from '#core/signature.ts'
import type { PlatformTx, Store } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { audit } from '../audit/audit.ts'
import { inTenant } from '../tenant/tenant.ts'

/** What the installation's own team says of checks, to be laid over those Vigil is shipped with (`overlay`). */
export type OwnChecks = Readonly<{ signatures: readonly Signature[]; withdrawn: readonly number[] }>
export type StagedChecks = OwnChecks & Readonly<{
  /** The organisations in which what is staged is tried. */
  tenants: ReadonlySet<string>
}>

/** Heard (`store.listen`) when what is published or staged, or who is a canary, changed. */
export const ownChecksChannel = 'kb_own_checks'

export async function tellOwnChecks({ sql }: Pick<PlatformTx, 'sql'>): Promise<void> {
  await sql`select pg_notify(${ownChecksChannel}, '')`
}

type Row = Readonly<{ id: number; signature: Signature | null }>

/** What was published here, for every organisation. */
export async function publishedSignatures(store: Store): Promise<OwnChecks> {
  return ownChecks(await store.platform(({ sql }) => sql<Row[]>`select signature_id as id, signature from kb_published order by signature_id`))
}

/** What is being tried, for canary organisations alone. */
export async function stagedSignatures(store: Store): Promise<StagedChecks> {
  return store.platform(async ({ sql }) => {
    const rows = await sql<Row[]>`select signature_id as id, case when intent = 'withdraw' then null else signature end as signature from kb_draft where state = 'staged' order by signature_id`
    const tenants = await sql<{ id: string }[]>`select id from tenant where state = 'active' and settings -> 'canary' = 'true'::jsonb`
    return { ...ownChecks(rows), tenants: new Set(tenants.map(({ id }) => id)) }
  })
}

function ownChecks(rows: readonly Row[]): OwnChecks {
  return { signatures: rows.flatMap(({ signature }) => (signature === null ? [] : [signature])), withdrawn: rows.filter(({ signature }) => signature === null).map(({ id }) => id) }
}

/** Checks with those of the team laid over them. Where both have one, the higher version counts: an update of Vigil may bring a newer one. By number. */
export function overlay(signatures: readonly Signature[], { signatures: own, withdrawn }: OwnChecks): readonly Signature[] {
  const byId = new Map(signatures.map((one) => [one.id, one]))
  for (const id of withdrawn) byId.delete(id)
  for (const one of own) if ((byId.get(one.id)?.version ?? 0) <= one.version) byId.set(one.id, one)
  return [...byId.values()].sort((a, b) => a.id - b.id)
}

/** A short name of what the team added, for whatever is kept by the checks that are in force; '' for nothing. */
export function nameOfOwn({ signatures, withdrawn }: OwnChecks): string {
  if (signatures.length === 0 && withdrawn.length === 0) return ''
  return createHash('sha256').update(JSON.stringify([signatures, withdrawn])).digest('hex').slice(0, 16)
}

/** Whether what is staged is tried in the organisation. */
export async function isCanary({ sql }: Pick<PlatformTx, 'sql'>, tenant: string): Promise<boolean> {
  const [row] = await sql<{ canary: boolean }[]>`select coalesce(settings -> 'canary' = 'true'::jsonb, false) as canary from tenant where id = ${tenant}`
  return row?.canary ?? false
}

export async function setCanary(tx: PlatformTx, actor: Actor, canary: boolean): Promise<void> {
  const changed = await tx.sql`
    update tenant set settings = jsonb_set(settings, '{canary}', ${tx.sql.json(canary)}) where id = ${actor.tenant} and coalesce(settings -> 'canary' = 'true'::jsonb, false) <> ${canary} returning id`
  if (changed.length === 0) return
  await audit(inTenant(tx, actor.tenant), { actor, action: canary ? 'kb.canary_joined' : 'kb.canary_left', object: { kind: 'organisation', id: actor.tenant } })
  await tellOwnChecks(tx)
}
