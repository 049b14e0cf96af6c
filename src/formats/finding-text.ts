import { plain, type FindingLine, type FindingWriter, type ScanSummary } from './finding-line.ts'

const names = ['', 'minimal', 'medium', 'serious', 'critical', 'urgent'] as const

/** For people: a paragraph a host, worst findings first, each with what showed it and what to do. */
export function findingText(): FindingWriter {
  const open = new Map<string, FindingLine[]>()
  return {
    begin: () => '',
    finding(line) {
      const lines = open.get(line.ip) ?? []
      lines.push(line)
      open.set(line.ip, lines)
      return ''
    },
    host(ip, name, services) {
      const lines = open.get(ip) ?? []
      open.delete(ip)
      if (lines.length === 0 && services.length === 0) return ''
      lines.sort((a, b) => rank(b) - rank(a) || (a.port ?? 0) - (b.port ?? 0) || a.id - b.id)
      const shown = lines.filter((line) => line.type !== 'information')
      const information = lines.filter((line) => line.type === 'information')
      return [
        `${ip}${name === undefined ? '' : ` (${plain(name)})`}`,
        ...services.map((service) => `  ${plain(service)}`),
        ...shown.flatMap(paragraph),
        ...information.map((line) => `  for information  ${place(line)}  ${plain(line.title)}: ${plain(line.evidence.result)}`),
        '',
        '',
      ].join('\n')
    },
    end: (summary) => `${[...open.values()].flat().flatMap(paragraph).map((line) => `${line}\n`).join('')}${closing(summary)}`,
  }
}

function rank(line: FindingLine): number {
  return (line.type === 'confirmed' ? 10 : line.type === 'potential' ? 5 : 0) + line.severity
}

function place(line: FindingLine): string {
  return line.port === null ? 'host' : `${line.port}/${line.proto}`
}

function paragraph(line: FindingLine): string[] {
  const kind = line.type === 'potential' ? ', potential' : ''
  const cve = line.cve.length === 0 ? '' : `  ${line.cve.slice(0, 6).join(' ')}${line.cve.length > 6 ? ` and ${line.cve.length - 6} more` : ''}`
  return [
    '',
    `  ${line.severity} ${names[line.severity]}${kind}  ${place(line)}  ${plain(line.title)}  [${line.id}]${cve}`,
    `      seen: ${plain(line.evidence.result)}${line.url === undefined ? '' : `  ${plain(line.url)}`}`,
    ...(line.evidence.note === undefined ? [] : [`      note: ${plain(line.evidence.note)}`]),
    ...line.solution.split('\n').filter((part) => part.trim() !== '').map((part, index) => `      ${index === 0 ? 'fix: ' : '     '} ${plain(part)}`),
  ]
}

function closing(summary: ScanSummary): string {
  const hosts = (count: number): string => `${count} ${count === 1 ? 'host' : 'hosts'}`
  const parts = [
    `${hosts(summary.scanned)} scanned`,
    ...(summary.silent > 0 ? [`${summary.silent} silent`] : []),
    ...(summary.excluded > 0 ? [`${summary.excluded} excluded`] : []),
    `${summary.findings} ${summary.findings === 1 ? 'finding' : 'findings'}`,
    `${summary.seconds.toFixed(1)} s`,
  ]
  return [
    `${parts.join(', ')}.`,
    ...summary.notes.map((text) => `Note: ${plain(text)}`),
    ...(summary.notTested.length === 0 ? [] : ['Incomplete. Not tested, so not clean:', ...summary.notTested.map((text) => `  - ${plain(text)}`)]),
    '',
  ].join('\n')
}
