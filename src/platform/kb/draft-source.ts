import { createHash } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Signature } from '#core/signature.ts'
import type { PlatformTx, Store } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { audit } from '../audit/audit.ts'
import { inTenant } from '../tenant/tenant.ts'
import { shipped, textFiles } from './draft-text.ts'

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

export type Published = Readonly<{ id: number; version: number; body: string | null }>

export async function publishedTexts({ sql }: Pick<PlatformTx, 'sql'>): Promise<readonly Published[]> {
  return sql<Published[]>`
    select signature_id as id, coalesce((signature ->> 'version')::int, 0) as version, case when signature is null then null else body end as body from kb_published order by signature_id`
}

/**
 * Writes a content folder, `signatures/…yaml`, of what is shipped with what was published laid over it: the source `vigil` of the next release. Whole, then renamed
 * into its place.
 */
export async function writeContent(to: string, published: readonly Published[], content = shipped): Promise<void> {
  const own = new Map(published.map((one) => [one.id, one]))
  const unfinished = `${to}.${process.pid}`
  await rm(unfinished, { recursive: true, force: true })
  const newer = new Set<number>()
  for (const file of await textFiles(content)) {
    const kept = file.blocks.filter(({ id, text }) => {
      const other = own.get(id)
      if (other === undefined) return true
      const isNewer = other.body !== null && Number(/^ {2}version: (\d+)/m.exec(text)?.[1] ?? 1) > other.version
      if (isNewer) newer.add(id)
      return isNewer
    })
    await write(join(unfinished, 'signatures', file.name), `${file.head}\n${kept.map(({ text }) => text).join('\n')}`)
  }
  for (const { id, body } of published) if (body !== null && !newer.has(id)) await write(join(unfinished, 'signatures', 'published', `${id}.yaml`), body)
  await rm(to, { recursive: true, force: true })
  await rename(unfinished, to)
}

async function write(path: string, text: string): Promise<void> {
  if (text.trim() === '') return
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text, { mode: 0o600 })
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
