import type { DatabaseSync } from 'node:sqlite'
import { sourceBit } from '../source-bit.ts'

/**
 * Brings the probabilities into the merged view in one stroke: there are hundreds of thousands and nearly all move a little every day. What is in `touched` is left to
 * the merge that follows.
 */
export function mergeProbabilities(db: DatabaseSync, at: Readonly<{ release: number; at: string; source: number; isFirst: boolean }>): void {
  db.exec('insert or ignore into touched (id) select vulnerability from probability where vulnerability < 1000000000')
  db.exec('insert or ignore into touched (id) select id from vulnerability v where v.epss is not null and not exists (select 1 from probability p where p.vulnerability = v.id)')
  if (!at.isFirst) {
    db.prepare(`insert into change (release, at, subject, kind, text, source)
      select ?, ?, v.name, 'score', printf('Probability of exploitation %.1f %% → %.1f %%.', v.epss * 100, p.probability * 100), ?
      from probability p join vulnerability v on v.id = p.vulnerability where abs(p.probability - v.epss) >= 0.2`).run(at.release, at.at, at.source)
  }
  const bit = sourceBit('epss')
  db.prepare(`update vulnerability set epss = p.probability, percentile = p.percentile, sources = sources | ?, changed_in = ?,
      risk = case when withdrawn is null then max(0, min(1000, risk + cast(round((p.probability - coalesce(epss, 0)) * 200) as integer))) else 0 end
    from probability p where p.vulnerability = vulnerability.id and (epss is not p.probability or vulnerability.percentile is not p.percentile) and vulnerability.id not in (select id from touched)`)
    .run(bit, at.release)
  db.prepare(`insert into vulnerability (id, name, title, severity, epss, percentile, ransomware, detection, cwe, products, sources, risk, changed_in)
    select p.vulnerability, printf('CVE-%d-%04d', 1990 + (p.vulnerability - 1000000000) / 10000000, (p.vulnerability - 1000000000) % 10000000), '', 0, p.probability, p.percentile, 0, 0, '', '', ?,
      cast(round(p.probability * 200) as integer), ?
    from probability p where p.vulnerability >= 1000000000 and p.vulnerability not in (select id from touched) and not exists (select 1 from vulnerability v where v.id = p.vulnerability)`)
    .run(bit, at.release)
}
