import type { FindingDetail as Detail, HistoryRow } from '#platform/finding/detail.ts'
import type { FindingRow } from '#platform/finding/list.ts'
import type { Finding, FindingDetail, HistoryEntry } from './schemas.ts'


export function toFinding(row: FindingRow): Finding {
  return {
    id: row.id,
    signature: row.signature,
    title: row.title,
    category: row.category,
    severity: row.severity,
    type: row.type,
    status: row.status,
    ignored: row.ignored,
    disabled: row.disabled,
    originalSeverity: row.rated,
    asset: { id: row.asset_id, address: row.address, name: row.name, impact: row.impact },
    port: row.port === 0 ? null : row.port,
    proto: row.proto === '' ? null : row.proto,
    instance: row.instance,
    score: row.score,
    cve: row.cve,
    result: row.result ?? '',
    firstFoundAt: row.first_found.toISOString(),
    lastFoundAt: row.last_found.toISOString(),
    fixedAt: row.last_fixed?.toISOString() ?? null,
    retractedAt: row.retracted_at?.toISOString() ?? null,
    timesFound: row.times_found,
    via: row.via_at === null ? null : { observedAt: row.via_at.toISOString(), text: `stored observation of ${row.via_at.toISOString().slice(0, 16).replace('T', ' ')} UTC` },
  }
}

export function toDetail(row: Detail): FindingDetail {
  return {
    ...toFinding(row),
    note: row.note,
    threat: row.threat,
    impact: row.consequence,
    solution: row.solution,
    references: row.reference,
    cwe: row.cwe,
    cvss: row.cvss,
    cvssScore: row.cvss_score,
    pci: row.pci,
    scoreFactors: row.factors.map((factor) => ({ ...factor, source: factor.source ?? null })),
    comments: row.comments.map((one) => ({ field: one.field, text: one.text, by: one.by_name, at: one.at.toISOString() })),
    evidence: row.evidence_at === null ? null : {
      sent: row.sent ?? '',
      received: row.received ?? '',
      note: row.note,
      at: row.evidence_at.toISOString(),
      probe: row.evidence_probe ?? '',
      signatureVersion: row.signature_version ?? 0,
      scanId: row.evidence_scan,
      scanner: row.scanner_id === null ? null : { id: row.scanner_id, name: row.scanner_name ?? 'removed scanner' },
    },
    ignore: row.ignore_reason === null ? null : {
      reason: row.ignore_reason, comment: row.ignore_comment ?? '', until: row.ignore_until?.toISOString() ?? null, by: row.ignore_by ?? '', at: row.ignore_at!.toISOString(),
    },
    timesReopened: row.times_reopened,
    reopenedAt: row.last_reopened?.toISOString() ?? null,
    lastTest: row.lastTest === null ? null : { ...row.lastTest, at: row.lastTest.at.toISOString() },
    login: row.login,
    hasProof: row.has_proof,
    elsewhere: row.elsewhere,
    verification: row.verification === null ? null : { ...row.verification, startedAt: row.verification.startedAt.toISOString() },
  }
}

export function toHistory(row: HistoryRow): HistoryEntry {
  return { id: row.id, at: row.at.toISOString(), kind: row.kind, by: row.by_name, scanId: row.scan_id, text: row.text }
}
