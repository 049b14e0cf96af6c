import type { CheckThreat } from '#core/score.ts'
import type { Fragment, Sql } from '#store/store.ts'

/** A row of `signature_threat`; all null where there is none. */
export type ThreatRow = Readonly<{
  threat_cvss: number | null; exploited_since: string | null; exploited_by: string | null; ransomware: boolean | null; ssvc: 'none' | 'poc' | 'active' | null; ssvc_by: string | null
  exploit: 'poc' | 'weaponised' | null; exploit_by: string | null; epss: number | null; epss_by: string | null; epss_day: string | null
}>

/** Of `signature_threat t`; days as text, since a driver would make times of them. */
export const threatColumns = (sql: Sql): Fragment => sql`
  t.cvss as threat_cvss, t.exploited_since::text, t.exploited_by, t.ransomware, t.ssvc, t.ssvc_by, t.exploit, t.exploit_by, t.epss, t.epss_by, t.epss_day::text`

export function threatOf(row: ThreatRow): CheckThreat {
  const exploit = row.exploit ?? (row.ssvc === 'poc' || row.ssvc === 'active' ? 'poc' : null)
  return {
    exploited: row.exploited_since === null ? null : { since: row.exploited_since, by: row.exploited_by ?? '', ransomware: row.ransomware === true },
    active: row.ssvc === 'active' ? { by: row.ssvc_by ?? '' } : null,
    exploit: exploit === null ? null : { maturity: exploit, by: (row.exploit === null ? row.ssvc_by : row.exploit_by) ?? '' },
    epss: row.epss === null ? null : { probability: row.epss, by: row.epss_by ?? '', day: row.epss_day },
  }
}
