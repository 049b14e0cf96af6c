import type { FindingStatus } from '#core/finding.ts'
import type { FindingType } from '#core/signature.ts'
import type { Fragment, Sql } from '#store/store.ts'

/** Severity, status, type and ignored of a finding in one number, as the column `shape` holds it: two of them are equal when all four are. */
export type Shape = Readonly<{ severity: number; status: FindingStatus; type: FindingType; ignored: boolean }>

const statuses: readonly FindingStatus[] = ['fixed', 'new', 'active', 'reopened']
const types: readonly FindingType[] = ['confirmed', 'potential', 'information']

export function shapeOf(shape: number): Shape {
  return { severity: shape & 7, status: statuses[(shape >> 3) & 3]!, type: types[(shape >> 5) & 3]!, ignored: (shape & 128) !== 0 }
}

/**
 * The table of findings with the four read out of the shape, so that an index over the shape alone answers what a query says of them;
 * `severity_order` is the column by which its own index is sorted.
 */
export function shapedFindings(sql: Sql): Fragment {
  return sql`(select tenant_id, id, asset_id, signature_id, proto, port, instance, shape, (shape & 7)::smallint as severity, severity as severity_order,
    case shape & 24 when 8 then 'new' when 16 then 'active' when 24 then 'reopened' else 'fixed' end as status,
    case shape & 96 when 32 then 'potential' when 64 then 'information' else 'confirmed' end as type, (shape & 128) <> 0 as ignored,
    disabled, rated, score, first_found, last_found, last_fixed, times_found, last_scan from finding)`
}

/** Of `finding f`, by the shape alone. */
export const isNotFixed = (sql: Sql): Fragment => sql`f.shape & 24 <> 0`
export const isNotIgnored = (sql: Sql): Fragment => sql`f.shape & 128 = 0`
export const isRisk = (sql: Sql): Fragment => sql`f.shape & 96 <> 64`
