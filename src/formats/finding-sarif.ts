import type { FindingLine, FindingWriter } from './finding-line.ts'

/**
 * SARIF 2.1.0 (OASIS) of a terminal scan. Results stream; rules follow them, which JSON's unordered members allow. What was not tested is a
 * notification of the invocation, and makes it unsuccessful.
 */
export function findingSarif(): FindingWriter {
  const rules = new Map<number, { index: number; rule: object }>()
  let first = true
  return {
    begin: () => '{"$schema":"https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json","version":"2.1.0","runs":[{"results":[',
    finding(line) {
      const known = rules.get(line.id) ?? { index: rules.size, rule: ruleOf(line) }
      rules.set(line.id, known)
      const text = `${first ? '\n' : ',\n'}${JSON.stringify(resultOf(line, known.index))}`
      first = false
      return text
    },
    host: () => '',
    end(summary) {
      const driver = { name: 'Vigil', semanticVersion: '0.1.0', rules: [...rules.values()].map(({ rule }) => rule) }
      const invocation = {
        executionSuccessful: summary.notTested.length === 0,
        toolExecutionNotifications: [
          ...summary.notTested.map((text) => ({ level: 'warning', message: { text } })),
          ...summary.notes.map((text) => ({ level: 'note', message: { text } })),
        ],
      }
      return `\n],"invocations":${JSON.stringify([invocation])},"tool":${JSON.stringify({ driver })},"properties":${JSON.stringify({ release: summary.release })}}]}\n`
    },
  }
}

function levelOf(line: FindingLine): 'error' | 'warning' | 'note' {
  if (line.type === 'information') return 'note'
  return line.severity >= 4 ? 'error' : line.severity === 3 ? 'warning' : 'note'
}

function ruleOf(line: FindingLine): object {
  return {
    id: String(line.id),
    shortDescription: { text: line.title },
    help: { text: line.solution },
    properties: {
      tags: ['security', line.class, ...line.cve],
      ...(line.cvss === null ? {} : { 'security-severity': line.cvss.toFixed(1) }),
    },
  }
}

function resultOf(line: FindingLine, ruleIndex: number): object {
  const host = line.ip.includes(':') ? `[${line.ip}]` : line.ip
  const place = line.port === null ? host : `${line.proto}://${host}:${line.port}`
  return {
    ruleId: String(line.id),
    ruleIndex,
    level: levelOf(line),
    kind: line.type === 'information' ? 'informational' : line.type === 'potential' ? 'review' : 'fail',
    message: { text: `${line.evidence.result} (${line.url ?? place})` },
    locations: [{ logicalLocations: [{ fullyQualifiedName: line.url ?? place, kind: 'resource' }] }],
    partialFingerprints: { 'vigilFinding/v1': [line.ip, line.host, line.port, line.proto, line.url, line.id].join('|') },
    properties: { severity: line.severity, type: line.type, sent: line.evidence.sent, received: line.evidence.received },
  }
}
