import { assetErrors } from './errors/asset.ts'
import { coreErrors } from './errors/core.ts'
import { credentialErrors } from './errors/credential.ts'
import { findingErrors } from './errors/finding.ts'
import { identityErrors } from './errors/identity.ts'
import { knowledgeErrors } from './errors/knowledge.ts'
import { pipelineErrors } from './errors/pipeline.ts'
import { reportErrors } from './errors/report.ts'
import { scanErrors } from './errors/scan.ts'
import { searchListErrors } from './errors/search-list.ts'

/**
 * The one catalogue of what can go wrong, by subject. A text speaks the caller's words: `{name}` stands for what was
 * passed. `status` is the HTTP answer. Another tenant's thing is not found, never forbidden.
 */
export const catalogue = { ...coreErrors, ...identityErrors, ...assetErrors, ...scanErrors, ...credentialErrors, ...findingErrors, ...reportErrors, ...knowledgeErrors, ...pipelineErrors, ...searchListErrors } as const

export type ErrorCode = keyof typeof catalogue
export type ErrorEntry = Readonly<{ status: number; text: string }>

export class VigilError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly params: Readonly<Record<string, string | number>>
  constructor(code: ErrorCode, params: Readonly<Record<string, string | number>>) {
    const entry: ErrorEntry = catalogue[code]
    super(entry.text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? quote(params[name]!) : whole)))
    this.name = 'VigilError'
    this.code = code
    this.status = entry.status
    this.params = params
  }
}

/** Throws the catalogue's error with the caller's own values filled in. */
export function fail(code: ErrorCode, params: Readonly<Record<string, string | number>> = {}): never {
  throw new VigilError(code, params)
}

/** What was passed comes back cut and without control characters: it may be hostile, and it may be a megabyte. */
function quote(value: string | number): string {
  // oxlint-disable-next-line no-control-regex
  const text = String(value).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, '�')
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}
