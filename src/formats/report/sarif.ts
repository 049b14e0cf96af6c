import type { Severity } from '#core/signature.ts'
import { placeOf, type Report, type ReportFinding } from './model.ts'

const encoder = new TextEncoder()

/**
 * SARIF 2.1.0 (OASIS): a result a finding, rules in `tool.driver.rules` by index. Results stream; the rules they name come after them, which the
 * format allows since members of an object have no order.
 */
export async function* reportSarif(report: Report): AsyncGenerator<Uint8Array> {
  const rules = new Map<number, { index: number; rule: object }>()
  yield encoder.encode('{"$schema":"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json","version":"2.1.0","runs":[{"results":[')
  let first = true
  for await (const finding of report.findings()) {
    if (!rules.has(finding.signature)) rules.set(finding.signature, { index: rules.size, rule: ruleOf(finding) })
    yield encoder.encode(`${first ? '\n' : ',\n'}${JSON.stringify(resultOf(finding, rules.get(finding.signature)!.index))}`)
    first = false
  }
  const driver = { name: 'Vigil', semanticVersion: '0.1.0', rules: [...rules.values()].map(({ rule }) => rule) }
  const properties = { organisation: report.head.organisation, scope: report.head.scope, release: report.head.release }
  yield encoder.encode(`\n],"tool":${JSON.stringify({ driver })},"properties":${JSON.stringify(properties)}}]}\n`)
}

export function levelOf(severity: Severity): 'error' | 'warning' | 'note' {
  return severity >= 4 ? 'error' : severity === 3 ? 'warning' : 'note'
}

function ruleOf(finding: ReportFinding): object {
  return {
    id: String(finding.signature),
    shortDescription: { text: finding.title },
    fullDescription: { text: finding.threat },
    help: { text: finding.solution },
    defaultConfiguration: { level: levelOf(finding.severity) },
    properties: {
      tags: ['security', finding.category, ...finding.cwe, ...finding.cve],
      ...(finding.baseScore === null ? {} : { 'security-severity': finding.baseScore.toFixed(1) }),
    },
  }
}

function resultOf(finding: ReportFinding, ruleIndex: number): object {
  const port = finding.port === null ? '' : `:${finding.port}`
  const host = finding.address.includes(':') ? `[${finding.address}]` : finding.address
  return {
    ruleId: String(finding.signature),
    ruleIndex,
    level: levelOf(finding.severity),
    kind: finding.status === 'fixed' ? 'pass' : 'fail',
    message: { text: `${finding.result} — ${placeOf(finding)}` },
    locations: [{ logicalLocations: [{ fullyQualifiedName: `${finding.proto ?? 'host'}://${host}${port}${finding.instance}`, kind: 'resource' }] }],
    partialFingerprints: { 'vigilFinding/v1': finding.id },
    baselineState: finding.status === 'new' ? 'new' : finding.status === 'fixed' ? 'absent' : 'unchanged',
    ...(finding.ignored ? { suppressions: [{ kind: 'external', status: 'accepted' }] } : {}),
    properties: { type: finding.type, score: finding.score, firstFound: new Date(finding.first).toISOString(), lastFound: new Date(finding.last).toISOString() },
  }
}
