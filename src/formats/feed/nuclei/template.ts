import { FAILSAFE_SCHEMA, load } from 'js-yaml'
import type { Statement, Template } from '#core/knowledge/record.ts'
import { readCpe } from '../value/cpe.ts'
import { cvssOf } from '../value/cvss.ts'
import type { Fields } from '../value/json-value.ts'
import { cvesIn, cweOf, fieldsOf, isFields, known, listOf, textOf, unique, wordOf } from '../value/json-value.ts'
import { references } from '../value/reference.ts'
import { featuresOf, payloadFiles, protocolsOf, requestsOf } from './features.ts'

/** What decides about a template besides itself: the ignore list and the files that lie beside it. */
export type Surroundings = Readonly<{ ignoredTags: ReadonlySet<string>; ignoredFiles: ReadonlySet<string>; files: ReadonlySet<string>; folders: ReadonlySet<string> }>

const mostBytes = 4 * 1024 * 1024
const unsafeTags = new Set(['intrusive', 'dos', 'fuzz', 'fuzzing', 'bruteforce'])
const severities = new Set(['info', 'low', 'medium', 'high', 'critical'])

/**
 * Reads one template; nothing in it is run. Returns why not, when it is none. `path` is relative to the root of the templates.
 * Text above 4 MB, more than 1,000 aliases or 64 levels are refused: no template needs them.
 */
export function readTemplate(path: string, text: string, around: Surroundings): Template | Readonly<{ reason: string; text: string }> {
  if (text.length > mostBytes) return { reason: 'too-large', text: `${text.length} characters` }
  let parsed: unknown
  try {
    parsed = load(text, { maxDepth: 64, maxAliases: 1000 })
  } catch (error) {
    return { reason: 'not-yaml', text: error instanceof Error ? error.message.slice(0, 300) : 'not YAML' }
  }
  if (!isFields(parsed) || !isFields(parsed.info)) return { reason: 'not-a-template', text: 'has no id and info' }
  const key = wordOf(parsed.id, 200)
  if (key === undefined) return { reason: 'no-id', text: 'has no usable id' }
  const protocols = protocolsOf(parsed)
  if (protocols.length === 0) return { reason: 'no-requests', text: 'asks for nothing' }
  const { info } = parsed
  const about = fieldsOf(info.classification)
  const metadata = fieldsOf(info.metadata)
  const tags = unique(separated(info.tags).map((tag) => tag.toLowerCase()))
  const features = featuresOf(parsed, text)
  const severity = String(info.severity).toLowerCase().trim()
  const requests = Number(metadata['max-request'] ?? metadata['max-requests'])
  return known({
    record: 'template', key, path, title: textOf(info.name, 500) ?? key, severity: severities.has(severity) ? (severity as Template['severity']) : 'unknown',
    protocols, features, tags, unsafe: tags.some((tag) => unsafeTags.has(tag) || around.ignoredTags.has(tag)) || around.ignoredFiles.has(path),
    unsupported: unsupportedOf(parsed, protocols, features, path, text, around),
    cve: unique([key, ...separated(about['cve-id'])].flatMap((id) => cvesIn(id.toUpperCase()))),
    cwe: unique(separated(about['cwe-id']).map(cweOf).filter((id) => id !== undefined)),
    cvss: wordOf(about['cvss-metrics']), cvssScore: scoreOf(about['cvss-score']), cpe: readCpe(about.cpe) === null ? undefined : wordOf(about.cpe),
    vendor: wordOf(metadata.vendor), product: wordOf(metadata.product),
    description: textOf(info.description), impact: textOf(info.impact), remediation: textOf(info.remediation),
    references: lines(info.reference), requests: Number.isSafeInteger(requests) && requests > 0 ? requests : undefined, authors: separated(info.author),
    signed: /^# digest: [0-9a-f]{20,}:[0-9a-f]{32}\s*$/m.test(text), text,
  } as const)
}

/** The text of a template that was read, every scalar as it is written, which is how it is compiled: `00` and `1e3` are no numbers there. */
export function templateTree(text: string): unknown {
  return load(text, { schema: FAILSAFE_SCHEMA, maxDepth: 64, maxAliases: 1000 })
}

/** What the template says of each CVE it names. */
export function* statementsOf(template: Template): Generator<Statement> {
  const web = references()
  for (const url of template.references) web.add(url)
  const cvss = cvssOf(template.cvss, template.cvssScore)
  const cpe = readCpe(template.cpe)
  const products = cpe === null ? [] : [cpe.name]
  for (const vulnerability of template.cve) {
    yield known({
      record: 'statement', vulnerability, key: template.key, aliases: [], title: template.title, details: template.description, impact: template.impact,
      solution: template.remediation, rating: template.severity === 'unknown' ? undefined : template.severity, cvss: cvss === null ? [] : [cvss], cwe: template.cwe,
      references: web.all, products,
    } as const)
  }
}

/** Why a template can never be a check over the network, in one of few words. */
function unsupportedOf(template: Fields, protocols: readonly string[], features: readonly string[], path: string, text: string, around: Surroundings): string | undefined {
  if (protocols.includes('code')) return 'code'
  if (protocols.includes('workflows')) return 'workflow'
  if (features.includes('self-contained')) return 'self-contained'
  if (protocols.includes('file')) return 'file'
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const named = protocols.flatMap((protocol) => requestsOf(template, protocol)).flatMap(payloadFiles)
  const isThere = (file: string): boolean => around.files.has(file) || around.files.has(folder + file) || around.folders.has(file)
  return [...named, ...helpersIn(text)].every(isThere) ? undefined : 'missing payload'
}

/** Files and folders beside the templates that a text names. */
export function helpersIn(text: string): readonly string[] {
  return text.includes('helpers/') ? [...text.matchAll(/(?<![\w/])helpers\/(?:payloads|wordlists|wordpress)\/[\w./-]*\w/g)].map((part) => part[0]) : []
}

/** Lists as YAML lists or as one text with commas. */
function separated(value: unknown): readonly string[] {
  const parts = typeof value === 'string' ? value.slice(0, 20_000).split(',') : listOf(value, 1000)
  return parts.flatMap((part) => (typeof part === 'string' ? part.split(',') : [])).map((part) => wordOf(part)).filter((part) => part !== undefined)
}

function lines(value: unknown): readonly string[] {
  const parts = typeof value === 'string' ? value.slice(0, 20_000).split('\n') : listOf(value, 100)
  return parts.map((part) => wordOf(part, 1000)).filter((part) => part !== undefined)
}

function scoreOf(value: unknown): number | undefined {
  const score = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof score === 'number' && score >= 0 && score <= 10 ? score : undefined
}
