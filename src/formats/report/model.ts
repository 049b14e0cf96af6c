import type { FindingType, Severity } from '#core/signature.ts'

/**
 * One report family: the same head and findings make the executive and the technical report, in every format. Findings stream, so that
 * a report of a million rows needs no more memory than one of ten. Times in Unix ms.
 */
export type Report = Readonly<{ head: ReportHead; findings: () => AsyncIterable<ReportFinding> }>

export type ReportHead = Readonly<{
  title: string
  kind: 'executive' | 'technical'
  organisation: string
  /** What the report is about, in words: `all assets`, `group Web servers, severity 4 and above`. */
  scope: string
  generated: number
  generatedBy: string
  /** KnowledgeBase release the findings were judged with. */
  release: string
  /** Open findings, confirmed and potential, by severity 1…5; index 0 is severity 1. */
  open: readonly [number, number, number, number, number]
  status: Readonly<Record<'new' | 'active' | 'reopened' | 'fixed', number>>
  ignored: number
  /** Without this a clean report means nothing: what was looked at, and what was not, with reasons. */
  coverage: Readonly<{ hosts: number; tested: number; lastTested: number | null; notTested: readonly Readonly<{ reason: string; hosts: number }>[] }>
  /** Open findings of severity 3 and above by day, oldest first. */
  trend: readonly Readonly<{ day: string; open: number }>[]
  /** Whose fix removes most risk first. */
  fixes: readonly Readonly<{ signature: number; title: string; severity: Severity; hosts: number; share: number }>[]
  hosts: readonly Readonly<{ name: string; risk: number; open: readonly number[] }>[]
  /** Findings in the report, as counted when it was begun. */
  count: number
}>

export type ReportFinding = Readonly<{
  id: string
  host: string
  address: string
  port: number | null
  proto: string | null
  instance: string
  signature: number
  title: string
  category: string
  severity: Severity
  type: FindingType
  status: string
  cve: readonly string[]
  cwe: readonly string[]
  cvss: string | null
  baseScore: number | null
  score: number
  first: number
  last: number
  fixed: number | null
  ignored: boolean
  result: string
  note: string | null
  sent: string | null
  received: string | null
  threat: string
  impact: string
  solution: string
  references: readonly string[]
}>

export const severityNames = ['Minimal', 'Medium', 'Serious', 'Critical', 'Urgent'] as const
export const severityColours = ['#64748b', '#3b82f6', '#d97706', '#ea580c', '#dc2626'] as const

export function severityName(severity: Severity): string {
  return severityNames[severity - 1]!
}

export function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}

export function minute(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

export function placeOf(finding: ReportFinding): string {
  const port = finding.port === null ? '' : `:${finding.port}/${finding.proto ?? 'tcp'}`
  return `${finding.host}${finding.host === finding.address ? '' : ` (${finding.address})`}${port}${finding.instance === '' ? '' : ` ${finding.instance}`}`
}
