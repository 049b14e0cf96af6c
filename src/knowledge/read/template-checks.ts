import type { DatabaseSync } from 'node:sqlite'
import type { Template } from '#core/knowledge/record.ts'
import { unpackBody } from '../body.ts'
import type { TemplateCheck } from '../knowledge-base.ts'
import { checkColumns, sourceNames, toChecks, type RawCheck } from './rows.ts'

/** Checks that templates are, by the template's id. */
export function readTemplateChecks(db: DatabaseSync, keys: readonly string[]): readonly TemplateCheck[] {
  const sources = sourceNames(db)
  const find = db.prepare(`select ${checkColumns} from "check" where key = ? and kind = 'template'`)
  const read = db.prepare('select body from "check" where id = ?')
  return keys.flatMap((key) => {
    const raw = find.get(`template:${key}`) as RawCheck | undefined
    if (raw === undefined) return []
    const row = toChecks(db, [raw], sources)[0]!
    const body = unpackBody<Template>((read.get(raw.id) as { body: Uint8Array }).body)
    return [{
      ...row, cwe: body.cwe, cvss: body.cvss ?? null, score: body.cvssScore ?? null, description: body.description ?? '', impact: body.impact ?? '', remediation: body.remediation ?? '',
      references: body.references, product: body.vendor !== undefined && body.product !== undefined ? `${body.vendor}:${body.product}` : null,
    }]
  })
}
