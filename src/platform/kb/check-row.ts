import type { PlatformTx } from '#store/store.ts'

/** A check as the table `signature` has it, of those that come with a release and are written when the first finding names them. */
export type CheckRow = Readonly<{
  id: number; title: string; severity: number; type: 'confirmed' | 'potential' | 'information'; cve: readonly string[]; cwe: readonly string[]; cvss: string | null; score: number | null; products: readonly string[]
  threat: string; impact: string; solution: string; reference: readonly string[]; published: string; changed: string; search: string; category: string; pci: string | null
}>

/** Makes the rows be there in these words; those that are already are not written. */
export async function upsertChecks({ sql }: PlatformTx, kind: 'range' | 'template', rows: readonly CheckRow[]): Promise<void> {
  await sql`
    insert into signature (id, version, title, category, severity, type, kind, cve, cwe, cvss, score, products, pci, threat, impact, solution, reference, published, changed, retired, search)
    select id, 1, title, category, severity, type, ${kind}, cve, cwe, cvss, score, products, pci, threat, impact, solution, reference, published, changed, false, search
    from jsonb_to_recordset(${sql.json(rows as never)}) as s (id integer, title text, severity smallint, type text, cve text[], cwe text[], cvss text, score real, products text[], threat text,
      impact text, solution text, reference text[], published date, changed date, search text, category text, pci text)
    on conflict (id) do update set title = excluded.title, severity = excluded.severity, type = excluded.type, kind = excluded.kind, category = excluded.category, pci = excluded.pci, cve = excluded.cve, cwe = excluded.cwe,
      cvss = excluded.cvss, score = excluded.score, products = excluded.products, threat = excluded.threat, impact = excluded.impact, solution = excluded.solution, reference = excluded.reference,
      published = excluded.published, changed = excluded.changed, retired = false, search = excluded.search
      where (signature.title, signature.severity, signature.type, signature.kind, signature.cve, signature.cwe, signature.cvss, signature.score, signature.products, signature.threat, signature.impact,
        signature.solution, signature.reference, signature.published, signature.changed, signature.retired) is distinct from (excluded.title, excluded.severity, excluded.type, excluded.kind, excluded.cve,
        excluded.cwe, excluded.cvss, excluded.score, excluded.products, excluded.threat, excluded.impact, excluded.solution, excluded.reference, excluded.published, excluded.changed, false)`
}
