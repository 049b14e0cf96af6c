import type { Observation } from '#core/observation.ts'
import type { Detection, FindingType, Severity, Signature } from '#core/signature.ts'

/** What a line says of the check itself. */
export type CheckText = Pick<Signature, 'title' | 'category' | 'cve' | 'score' | 'solution'>

/** A finding as `vigil scan` writes it: one JSON object a line. The names are a promise to the programs that read them. */
export type FindingLine = Readonly<{
  ip: string
  /** The name it was reached by, or the address. */
  host: string
  port: number | null
  proto: 'tcp' | 'udp' | null
  /** Id of the signature. */
  id: number
  title: string
  severity: Severity
  type: FindingType
  class: string
  cve: readonly string[]
  /** Base score, 0–10; null where none applies. */
  cvss: number | null
  url?: string
  evidence: Readonly<{ sent: string; received: string; result: string; note?: string }>
  solution: string
}>

export function lineOf(detection: Detection, signature: CheckText, seen: Observation, name: string | undefined): FindingLine {
  const { at } = detection
  const host = at.host ?? name ?? at.address
  const note = [seen.evidence?.note, detection.note].filter((text) => text !== undefined).join(' ')
  const url = urlOf(seen, host)
  return {
    ip: at.address,
    host,
    port: at.port ?? null,
    proto: at.proto ?? null,
    id: detection.signature,
    title: signature.title,
    severity: detection.severity,
    type: detection.type,
    class: signature.category,
    cve: signature.cve,
    cvss: signature.score ?? null,
    ...(url === null ? {} : { url }),
    evidence: { sent: seen.evidence?.sent ?? '', received: seen.evidence?.received ?? '', result: detection.result, ...(note === '' ? {} : { note }) },
    solution: signature.solution,
  }
}

function urlOf(seen: Observation, host: string): string | null {
  const web = seen.kind === 'http' ? seen.data.tls : seen.kind === 'service' && seen.data.name === 'http' ? seen.data.tls : null
  if (web === null || seen.at.port === undefined) return null
  const port = seen.at.port === (web ? 443 : 80) ? '' : `:${seen.at.port}`
  return `${web ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}${port}${seen.at.path ?? '/'}`
}

/** What a writer is told at the end. */
export type ScanSummary = Readonly<{
  /** Addresses that were looked at; that gave no answer; that were left out by the caller. */
  scanned: number
  silent: number
  excluded: number
  findings: number
  seconds: number
  release: string
  /** Why the result is incomplete, in words; empty when it is not. */
  notTested: readonly string[]
  /** What is worth knowing and no reason to call it incomplete. */
  notes: readonly string[]
}>

/** Turns findings into text as they come. Each call returns what is to be written, possibly nothing. */
export interface FindingWriter {
  begin(): string
  finding(line: FindingLine): string
  /** A host is done: `services` in words, one a port. */
  host(ip: string, name: string | undefined, services: readonly string[]): string
  end(summary: ScanSummary): string
}

/** Text for a terminal: what a server said must not move the cursor or change colours. */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, ' ')
}
