import cvssCalculator from 'ae-cvss-calculator'
import { askKey, type Ask } from '#core/ask.ts'
import { categories } from '#core/category.ts'
import { BadExpr } from '#core/match/bad-expr.ts'
import { compileExpr } from '#core/match/compile.ts'
import type { Expr } from '#core/match/expr.ts'
import type { Signature } from '#core/signature.ts'

export type Report = (field: string, text: string) => void
type Fields = Readonly<Record<string, unknown>>

const known = [
  'id',
  'version',
  'title',
  'category',
  'severity',
  'type',
  'on',
  'when',
  'ask',
  'versioned',
  'result',
  'cve',
  'cwe',
  'cvss',
  'threat',
  'impact',
  'solution',
  'references',
  'products',
  'pci',
  'published',
  'changed',
]

/** Checks every field of a signature and reports each fault; null when there was one. */
export function readSignature(fields: Fields, report: Report): Signature | null {
  let faults = 0
  const wrong: Report = (field, text) => {
    faults++
    report(field, text)
  }
  for (const key of Object.keys(fields)) if (!known.includes(key)) wrong(key, 'is not a field of a signature')
  const text = (field: string, most: number): string => {
    const value = fields[field]
    if (typeof value === 'string' && value.trim() !== '' && value.length <= most) return value.trim()
    wrong(field, value === undefined ? 'is missing' : `must be a text of at most ${most} characters`)
    return ''
  }
  const choice = <T extends string | number>(field: string, allowed: readonly T[]): T => {
    const value = fields[field]
    if (!allowed.includes(value as T)) wrong(field, value === undefined ? 'is missing' : `must be one of ${allowed.join(', ')}`)
    return value as T
  }
  const list = (field: string, shape: RegExp, example: string): readonly string[] => {
    const value = fields[field] ?? []
    if (Array.isArray(value) && value.every((one) => typeof one === 'string' && one.length <= 300 && shape.test(one)))
      return value as readonly string[]
    wrong(field, `must be a list of texts like ${example}`)
    return []
  }
  const day = (field: string, value: unknown): string => {
    if (typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))) return value
    wrong(field, 'must be a date like 2026-11-24')
    return ''
  }
  const id = fields['id']
  if (!Number.isSafeInteger(id) || (id as number) < 1 || (id as number) > 9_999_999) wrong('id', 'must be a whole number from 1')
  const version = fields['version'] ?? 1
  if (!Number.isSafeInteger(version) || (version as number) < 1) wrong('version', 'must be a whole number from 1')
  const versioned = fields['versioned']
  if (versioned !== undefined && typeof versioned !== 'boolean') wrong('versioned', 'must be true or false')
  const on = choice('on', ['host', 'port', 'service', 'tls', 'http', 'package', 'match', 'login', 'system', 'setting'] as const)
  const ask = readAsk(fields['ask'], on, wrong)
  const when = readWhen(fields['when'], wrong)
  if (when !== null && readsVersion(when) && versioned === undefined)
    wrong('versioned', 'must be said, true or false: the rule reads a version')
  const score = fields['cvss'] === undefined ? undefined : scoreOf(fields['cvss'], wrong)
  const pci = fields['pci'] === undefined ? undefined : text('pci', 400)
  const signature: Signature = {
    id: id as number,
    version: version as number,
    title: text('title', 140),
    category: choice('category', categories),
    severity: choice('severity', [1, 2, 3, 4, 5] as const),
    type: choice('type', ['confirmed', 'potential', 'information'] as const),
    on,
    when: when ?? { all: [] },
    ...(ask === null ? {} : { ask }),
    ...(versioned === true ? { versioned } : {}),
    result: text('result', 400),
    cve: list('cve', /^CVE-(19|20)\d\d-\d{4,7}$/, 'CVE-2021-41773'),
    cwe: list('cwe', /^CWE-\d{1,4}$/, 'CWE-306'),
    ...(score === undefined ? {} : { cvss: fields['cvss'] as string, score }),
    threat: text('threat', 4000),
    impact: text('impact', 4000),
    solution: text('solution', 6000),
    references: list('references', /^https:\/\/[\w.-]+\/\S*$/, 'https://example.org/advisory'),
    products: list('products', /^[a-z0-9._-]+:[a-z0-9._+!~-]+$/, 'apache:http_server'),
    ...(pci === undefined ? {} : { pci }),
    published: day('published', fields['published']),
    changed: day('changed', fields['changed'] ?? fields['published']),
  }
  return faults === 0 ? signature : null
}

function readWhen(when: unknown, wrong: Report): Expr | null {
  try {
    compileExpr(when as Expr)
    return when as Expr
  } catch (error) {
    if (!(error instanceof BadExpr)) throw error
    wrong('when', error.message)
    return null
  }
}

function readsVersion(when: Expr): boolean {
  return (
    'version' in when ||
    ['all', 'any', 'none'].some((name) => (when as Readonly<Record<string, readonly Expr[]>>)[name]?.some(readsVersion) ?? false)
  )
}

const harmless = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND']

function readAsk(value: unknown, on: string, wrong: Report): Ask | null {
  if (value === undefined) return null
  if (on !== 'http') wrong('ask', 'belongs to signatures on http only')
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    wrong('ask', 'must be { path, method?, headers?, body?, only? }')
    return null
  }
  const ask = value as Partial<Ask>
  for (const key of Object.keys(ask))
    if (!['method', 'path', 'headers', 'body', 'only'].includes(key)) wrong(`ask.${key}`, 'is not a field of an ask')
  if (typeof ask.path !== 'string' || !/^\/[\x21-\x7e]{0,500}$/.test(ask.path))
    wrong('ask.path', 'must be a path of printable ASCII from the leading slash')
  if (ask.method !== undefined && !harmless.includes(ask.method)) wrong('ask.method', `must be one of ${harmless.join(', ')}`)
  const headers = ask.headers ?? {}
  const isHeader = ([name, header]: [string, unknown]): boolean =>
    /^[A-Za-z0-9-]{1,64}$/.test(name) &&
    typeof header === 'string' &&
    /^[\x20-\x7e]{0,500}$/.test(header) &&
    !/^(host|connection|content-length|transfer-encoding)$/i.test(name)
  if (typeof headers !== 'object' || !Object.entries(headers).every(isHeader))
    wrong('ask.headers', 'must be plain request headers, framing aside')
  if (ask.body !== undefined && (typeof ask.body !== 'string' || ask.body.length > 2048 || ask.method !== 'PROPFIND')) {
    wrong('ask.body', 'is for PROPFIND only, at most 2048 characters')
  }
  if (
    ask.only !== undefined &&
    !(Array.isArray(ask.only) && ask.only.every((one) => typeof one === 'string' && one !== '' && one === one.toLowerCase()))
  ) {
    wrong('ask.only', 'must be a list of lower-case product names')
  }
  if (askKey({ path: '/' }) === askKey({ ...ask, path: ask.path ?? '' }))
    wrong('ask', 'the root page is always there; leave ask out')
  return ask as Ask
}

function scoreOf(vector: unknown, wrong: Report): number | undefined {
  const { Cvss3P1, Cvss4P0 } = cvssCalculator
  const isThree =
    typeof vector === 'string' &&
    /^CVSS:3\.1\/AV:[NALP]\/AC:[LH]\/PR:[NLH]\/UI:[NR]\/S:[UC]\/C:[NLH]\/I:[NLH]\/A:[NLH]$/.test(vector)
  const four =
    /^CVSS:4\.0\/AV:[NALP]\/AC:[LH]\/AT:[NP]\/PR:[NLH]\/UI:[NPA]\/VC:[NLH]\/VI:[NLH]\/VA:[NLH]\/SC:[NLH]\/SI:[NLHS]\/SA:[NLHS]$/
  if (isThree) return new Cvss3P1(vector).calculateScores().base ?? undefined
  if (typeof vector === 'string' && four.test(vector)) return new Cvss4P0(vector).calculateScores().overall
  wrong('cvss', 'must be the base metrics of a CVSS:3.1 or CVSS:4.0 vector, in the order of the standard')
  return undefined
}
