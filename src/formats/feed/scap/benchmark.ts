import { fail } from '#core/errors.ts'
import type { Benchmark, BenchmarkRule } from '#core/knowledge/record.ts'
import { longestText, textOf } from '../value/json-value.ts'
import type { XmlEvents } from '../value/xml.ts'

const mostRules = 20_000
const mostItems = 2_000
const checks: readonly (readonly [RegExp, BenchmarkRule['checks'][number]])[] = [[/oval-definitions/, 'oval'], [/scap\.nist\.gov\/schema\/ocil/, 'ocil'], [/script-check-engine/, 'sce']]

type Profile = { id: string; title: string; description: string; selected: string[] }
type Rule = {
  key: string; title: string; description: string; rationale: string; severity: string
  references: Map<string, string[]>; idents: string[]; checks: Set<BenchmarkRule['checks'][number]>; fixes: { system: string; text: string }[]
}

/** Takes the XCCDF benchmark out of a stream of XML; everything else passes by. `path` is for messages. */
export function benchmarkReader(path: string): Readonly<{ events: XmlEvents; records(): readonly (Benchmark | BenchmarkRule)[]; about(): { snapshot?: string; version?: string } }> {
  const stack: string[] = []
  let benchmark: { key: string; title: string; version: string; platforms: string[]; status?: string } | null = null
  const profiles: Profile[] = []
  const rules: Rule[] = []
  let profile: Profile | null = null
  let rule: Rule | null = null
  let inside = false
  /** Where text goes, and the depth of the element it belongs to. */
  let text: string[] | null = null
  let textDepth = 0
  let attribute = ''

  const collect = (from: string): void => {
    text = []
    textDepth = stack.length
    attribute = from
  }

  const begins = (name: string, attributes: Readonly<Record<string, string>>): void => {
    const parent = stack.at(-2)
    if (name === 'Benchmark') {
      if (benchmark !== null) fail('feed.format', { path, what: 'a SCAP data stream', problem: 'it has two benchmarks' })
      benchmark = { key: attributes.id ?? '', title: '', version: '', platforms: [] }
    } else if (name === 'Profile') profiles.push((profile = { id: attributes.id ?? '', title: '', description: '', selected: [] }))
    else if (name === 'Rule') {
      if (rules.length >= mostRules) fail('feed.too_many', { path, most: mostRules })
      rule = { key: attributes.id ?? '', title: '', description: '', rationale: '', severity: attributes.severity ?? 'unknown', references: new Map(), idents: [], checks: new Set(), fixes: [] }
      rules.push(rule)
    } else if (parent === 'Benchmark') {
      if (name === 'platform' && benchmark!.platforms.length < 100) benchmark!.platforms.push((attributes.idref ?? '').slice(0, 300))
      else if (name === 'status' && attributes.date !== undefined) benchmark!.status = attributes.date
      else if (name === 'title' || name === 'version') collect('')
    } else if (profile !== null && parent === 'Profile') {
      if (name === 'select' && attributes.selected === 'true' && profile.selected.length < mostRules) profile.selected.push((attributes.idref ?? '').slice(0, 300))
      else if (name === 'title' || name === 'description') collect('')
    } else if (rule !== null && parent === 'Rule') {
      if (name === 'check') rule.checks.add(checks.find(([system]) => system.test(attributes.system ?? ''))?.[1] ?? 'other')
      else if (['title', 'description', 'rationale', 'reference', 'ident', 'fix'].includes(name)) collect((name === 'reference' ? attributes.href : attributes.system) ?? '')
    }
  }

  const ends = (name: string, content: string): void => {
    const value = textOf(content) ?? ''
    if (rule !== null) {
      if (name === 'title' || name === 'description' || name === 'rationale') rule[name] = value
      else if (name === 'reference' && value !== '' && rule.references.size < mostItems) rule.references.set(attribute, [...(rule.references.get(attribute) ?? []), value.slice(0, 200)])
      else if (name === 'ident' && rule.idents.length < 100) rule.idents.push(value.slice(0, 200))
      else if (name === 'fix' && rule.fixes.length < 20) rule.fixes.push({ system: attribute.slice(0, 200), text: value })
    } else if (profile !== null) {
      if (name === 'title' || name === 'description') profile[name] = value
    } else if (benchmark !== null && (name === 'title' || name === 'version')) benchmark[name] = value
  }

  const events: XmlEvents = {
    open(name, attributes) {
      if (name === 'Benchmark') inside = true
      if (!inside) return
      stack.push(name)
      if (text === null) begins(name, attributes)
      else markup(name, attributes, text)
    },
    close(name) {
      if (!inside) return
      if (text !== null && stack.length === textDepth) {
        ends(name, tidied(text.join('')))
        text = null
      } else if (text !== null && (name === 'code' || name === 'pre')) text.push('`')
      stack.pop()
      if (name === 'Profile') profile = null
      if (name === 'Rule') rule = null
      if (name === 'Benchmark') inside = false
    },
    text(piece) {
      if (text !== null && text.length < 10_000) text.push(piece.length > longestText ? piece.slice(0, longestText) : piece)
    },
  }
  return {
    events,
    records: () => (benchmark === null || benchmark.key === '' ? [] : recordsOf(benchmark, profiles, rules)),
    about: () => ({ ...(benchmark?.status === undefined ? {} : { snapshot: benchmark.status }), ...(benchmark === null || benchmark.version === '' ? {} : { version: benchmark.version }) }),
  }
}

function recordsOf(about: Readonly<{ key: string; title: string; version: string; platforms: readonly string[] }>, profiles: readonly Profile[], rules: readonly Rule[]): readonly (Benchmark | BenchmarkRule)[] {
  const { key, title, version, platforms } = about
  return [
    { record: 'benchmark', key, title, version, platforms, profiles },
    ...rules.map((rule) => ({
      ...rule, record: 'rule' as const, benchmark: key, references: [...rule.references].map(([href, names]) => `${href} ${names.join(', ')}`.slice(0, 4000).trim()), checks: [...rule.checks],
    })),
  ]
}

/** HTML inside of texts becomes Markdown; a value that is put in stands as its name in braces. */
function markup(name: string, attributes: Readonly<Record<string, string>>, text: string[]): void {
  if (name === 'br' || name === 'p' || name === 'ul' || name === 'ol') text.push('\n')
  else if (name === 'li') text.push('\n- ')
  else if (name === 'code' || name === 'pre') text.push('`')
  else if (name === 'sub') text.push(`{${(attributes.idref ?? '').slice(0, 300)}}`)
}

function tidied(text: string): string {
  return text.replace(/[ \t]+\n/g, '\n').replace(/\n{3,}/g, '\n\n').trim()
}
