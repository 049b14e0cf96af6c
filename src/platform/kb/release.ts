import type { Signature } from '#core/signature.ts'
import { loadContent } from '#formats/content.ts'
import type { PlatformTx, Store } from '#store/store.ts'
import { nameOfOwn, overlay, publishedSignatures } from './draft-source.ts'
import { knowledgeOf, type Knowledge } from './knowledge.ts'
import { firstRange } from './range-check.ts'

/**
 * Reads `DIR`, compiles its checks, and brings the signature table to the same release if it is at another. A broken signature is told
 * and left out; it never stops the start. `cache`: a folder that keeps the compiled release, read at the next start in a tenth of the time.
 */
export async function loadKnowledge(
  store: Store, dir: string, now: () => number, tell: (text: string) => void = () => {}, cache?: string,
): Promise<Knowledge> {
  const { release: shipped, signatures: ours, problems } = await loadContent(dir, cache)
  for (const problem of problems) tell(`content: ${problem.file}: ${problem.signature ?? ''} ${problem.field} ${problem.text}`)
  const own = await publishedSignatures(store)
  const signatures = overlay(ours, own)
  const release = [shipped, nameOfOwn(own)].filter((name) => name !== '').join('-')
  await store.platform((tx) => storeRelease(tx, release, signatures, new Date(now())))
  return knowledgeOf(release, signatures)
}

/** Writes only when the release changed. Checks that are not in it stay, marked as retired: findings name them. */
export async function storeRelease(tx: PlatformTx, release: string, signatures: readonly Signature[], at: Date): Promise<boolean> {
  const { sql } = tx
  // Two starts at once: the second waits here and then finds it done.
  await sql`select pg_advisory_xact_lock(7302, 1)`
  const [last] = await sql<{ release: string }[]>`select release from knowledge_release order by loaded_at desc limit 1`
  if (last?.release === release) return false
  for (let from = 0; from < signatures.length; from += 500) await upsert(tx, signatures.slice(from, from + 500))
  await sql`update signature set retired = true where not retired and id < ${firstRange} and not (id = any(${signatures.map((one) => one.id)}::int[]))`
  await sql`
    insert into knowledge_release (release, signatures, loaded_at) values (${release}, ${signatures.length}, ${at})
    on conflict (release) do update set signatures = excluded.signatures, loaded_at = excluded.loaded_at`
  return true
}

/** A check that was published here: in every list at once. */
export async function storePublished(tx: PlatformTx, signature: Signature): Promise<void> {
  await upsert(tx, [signature])
}

async function upsert({ sql }: PlatformTx, signatures: readonly Signature[]): Promise<void> {
  const rows = signatures.map((one) => ({
    id: one.id,
    version: one.version,
    title: one.title,
    category: one.category,
    severity: one.severity,
    type: one.type,
    kind: one.on,
    cve: one.cve,
    cwe: one.cwe,
    cvss: one.cvss ?? null,
    score: one.score ?? null,
    products: one.products,
    pci: one.pci ?? null,
    threat: one.threat,
    impact: one.impact,
    solution: one.solution,
    reference: one.references,
    published: one.published,
    changed: one.changed,
    search: [one.id, one.title, one.category, ...one.cve, ...one.products, ...one.cwe].join(' ').toLowerCase(),
  }))
  await sql`
    insert into signature (id, version, title, category, severity, type, kind, cve, cwe, cvss, score, products, pci, threat, impact, solution, reference, published, changed, retired, search)
    select id, version, title, category, severity, type, kind, cve, cwe, cvss, score, products, pci, threat, impact, solution, reference, published, changed, false, search
    from jsonb_to_recordset(${sql.json(rows as never)}) as s (id integer, version integer, title text, category text, severity smallint, type text, kind text,
      cve text[], cwe text[], cvss text, score real, products text[], pci text, threat text, impact text, solution text, reference text[],
      published date, changed date, search text)
    on conflict (id) do update set version = excluded.version, title = excluded.title, category = excluded.category, severity = excluded.severity,
      type = excluded.type, kind = excluded.kind, cve = excluded.cve, cwe = excluded.cwe, cvss = excluded.cvss, score = excluded.score,
      products = excluded.products, pci = excluded.pci, threat = excluded.threat, impact = excluded.impact, solution = excluded.solution,
      reference = excluded.reference, published = excluded.published, changed = excluded.changed, retired = false, search = excluded.search`
}

/** Checks that are only tried somewhere: there for findings to name, and in no list of anybody else. */
export async function storeStaged(tx: PlatformTx, signatures: readonly Signature[]): Promise<void> {
  if (signatures.length === 0) return
  const known = await tx.sql<{ id: number }[]>`select id from signature where not retired and id = any(${signatures.map((one) => one.id)}::int[])`
  const shown = new Set(known.map((row) => row.id))
  const fresh = signatures.filter((one) => !shown.has(one.id))
  if (fresh.length === 0) return
  await upsert(tx, fresh)
  await tx.sql`update signature set retired = true where id = any(${fresh.map((one) => one.id)}::int[])`
}

/** Whether a check was never published and is none of this organisation's affair: it neither tries what is staged nor has a finding of it. */
export async function isOnlyTried({ sql }: PlatformTx, tenant: string, id: number): Promise<boolean> {
  const [row] = await sql`
    select from kb_draft d where d.staged_as = ${id} and d.intent = 'add' and not exists (select from kb_published p where p.signature_id = ${id})
      and not exists (select from tenant t where t.id = ${tenant} and t.settings -> 'canary' = 'true'::jsonb)
      and not exists (select from finding f where f.tenant_id = ${tenant} and f.signature_id = ${id}) limit 1`
  return row !== undefined
}
