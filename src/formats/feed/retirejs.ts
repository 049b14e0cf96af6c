import { fail } from '#core/errors.ts'
import type { Affected, Interval } from '#core/knowledge/affected.ts'
import type { FeedRecord, Library, Statement } from '#core/knowledge/record.ts'
import type { FeedReader } from './reader.ts'
import { newest } from './value/choice.ts'
import { parsedJson } from './value/json-file.ts'
import type { Fields } from './value/json-value.ts'
import { cweOf, fieldsOf, isCve, isFields, known, listOf, textOf, unique, wordOf, wordsOf } from './value/json-value.ts'
import { references } from './value/reference.ts'

const what = 'the repository of retire.js'
/** What upstream means by its placeholder. */
const versionPattern = '[0-9][0-9.a-z_\\\\-]+'
const longestPattern = 4000

/**
 * Client-side libraries and their vulnerabilities: the source form with `ranges`, and the two forms it is published in, where each range is an entry. How a library is
 * recognised inside a browser (`func`, `ast`) is never run; it is named in `skipped`.
 */
export const retirejs: FeedReader = {
  source: {
    name: 'retirejs', title: 'Retire.js', licence: 'Apache-2.0', attribution: 'Erlend Oftedal and contributors', homepage: 'https://retirejs.github.io/retire.js/',
    upstream: ['https://raw.githubusercontent.com/RetireJS/retire.js/master/repository/jsrepository-master.json'],
  },
  recognises: (path) => /(^|\/)jsrepository(-master|-v\d+)?\.json(\.gz)?$/.test(path),
  choose: (paths) => newest(paths, /-master\./),
  async *read(input) {
    let found = false
    for await (const entry of input.entries()) {
      if (found || !/jsrepository[\w-]*\.json(\.gz)?$/.test(entry.name)) continue
      found = true
      yield* repository(entry.name, parsedJson(entry.name, what, await entry.bytes()))
    }
    if (!found) fail('feed.format', { path: input.name, what, problem: 'there is no jsrepository file in it' })
  },
}

function* repository(path: string, parsed: unknown): Generator<FeedRecord> {
  const libraries = Object.entries(fieldsOf(parsed)).filter(([, value]) => isFields(value) && isFields(value.extractors) && Array.isArray(value.vulnerabilities))
  if (libraries.length === 0) fail('feed.format', { path, what, problem: 'it has no libraries' })
  yield { record: 'head', whole: true }
  for (const [name, value] of libraries) {
    const library = fieldsOf(value)
    if (name === 'retire-example') yield { record: 'unused', key: name, reason: 'example', text: 'upstream\'s own example' }
    else if (wordOf(name, 200) === undefined) yield { record: 'unused', key: name.slice(0, 200), reason: 'bad-name', text: 'its name is no name' }
    else {
      yield* libraryOf(name, library)
      yield* vulnerabilitiesOf(name, library)
    }
    yield { record: 'counted', records: 1 }
  }
}

function* libraryOf(name: string, library: Fields): Generator<FeedRecord> {
  const extractors = fieldsOf(library.extractors)
  const bad: string[] = []
  const patterns = (key: string): readonly string[] => listOf(extractors[key], 200).map((value) => pattern(value, key === 'filecontentreplace', bad)).filter((one) => one !== null)
  const hashes: Record<string, string> = {}
  for (const [sum, version] of Object.entries(fieldsOf(extractors.hashes))) {
    const word = wordOf(version)
    if (/^[0-9a-f]{40}$/.test(sum) && word !== undefined) hashes[sum] = word
  }
  const npm = wordOf(library.npmname)
  yield {
    record: 'library', key: name, uri: patterns('uri'), filename: patterns('filename'), content: patterns('filecontent'), contentReplace: patterns('filecontentreplace'), hashes,
    ...(npm === undefined ? {} : { npm }), skipped: ['func', 'ast'].filter((key) => extractors[key] !== undefined),
  } satisfies Library
  for (const text of bad) yield { record: 'unused', key: name, reason: 'bad-pattern', text: text.slice(0, 200) }
}

/** The pattern with its placeholder filled in, if it is one; `/pattern/replacement/` for those that replace. */
function pattern(value: unknown, replaces: boolean, bad: string[]): string | null {
  const text = typeof value === 'string' && value.length <= longestPattern ? value.replaceAll('§§version§§', versionPattern.replaceAll('\\\\', '\\')) : ''
  const inner = replaces ? /^\/(.*[^\\])\/[^/]*\/$/s.exec(text)?.[1] : text
  try {
    if (inner !== undefined && inner !== '' && new RegExp(inner)) return text
  } catch {
    // Counted as unused below.
  }
  bad.push(String(value))
  return null
}

type Group = { first: Fields; intervals: Interval[]; fixed: string[]; unfixed: boolean; excludes: Set<string> }

/** One vulnerability may be several entries, one for each range. */
function* vulnerabilitiesOf(name: string, library: Fields): Generator<FeedRecord> {
  const groups = new Map<string, Group>()
  for (const item of listOf(library.vulnerabilities, 5000).map(fieldsOf)) {
    const key = keyOf(name, item)
    const group = groups.get(key) ?? { first: item, intervals: [], fixed: [], unfixed: false, excludes: new Set<string>() }
    groups.set(key, group)
    for (const range of item.ranges === undefined ? [item] : listOf(item.ranges, 200).map(fieldsOf)) addRange(group, range)
    for (const version of wordsOf(item.excludes, 50)) group.excludes.add(version)
  }
  for (const [key, group] of groups) {
    const { first } = group
    const identifiers = fieldsOf(first.identifiers)
    const cves = wordsOf(identifiers.CVE, 50).filter(isCve)
    const github = wordOf(identifiers.githubID)
    if (group.intervals.length === 0) {
      yield { record: 'unused', key, reason: 'no-range', text: 'names no versions' }
      continue
    }
    for (const vulnerability of cves.length > 0 ? unique(cves) : [github ?? key]) {
      yield statementOf(vulnerability, key, name, first, cves.length === 1 && github !== undefined ? [github] : [])
      yield* affectedOf(vulnerability, key, name, library, group)
    }
  }
}

/** A name for what has no CVE, of characters that names have. */
function keyOf(library: string, item: Fields): string {
  return named(library, item).replace(/[^\w.:+-]+/g, '-').slice(0, 120)
}

function named(name: string, item: Fields): string {
  const identifiers = fieldsOf(item.identifiers)
  const own = [wordOf(identifiers.githubID) ?? [], ...wordsOf(identifiers.CVE)].flat()
  if (own.length > 0) return `retire.js:${name}:${own.join('+')}`
  for (const kind of ['retid', 'issue', 'bug', 'PR', 'release', 'osvdb', 'gist', 'blog', 'tenable']) {
    const word = wordOf(identifiers[kind])
    if (word !== undefined) return `retire.js:${name}:${kind}-${word}`
  }
  return `retire.js:${name}:${(textOf(item.summary) ?? textOf(identifiers.summary) ?? '').slice(0, 80)}`
}

function addRange(group: Group, range: Fields): void {
  const from = wordOf(range.atOrAbove)
  const before = wordOf(range.below)
  if (before === undefined) return
  const isOpen = before.startsWith('999')
  group.intervals.push(known({ from, before: isOpen ? undefined : before }))
  if (/(^|\.)999/.test(before)) group.unfixed = true
  else group.fixed.push(before)
}

function statementOf(vulnerability: string, key: string, name: string, item: Fields, aliases: readonly string[]): Statement {
  const identifiers = fieldsOf(item.identifiers)
  const web = references()
  for (const url of listOf(item.info, 100)) web.add(url)
  const title = textOf(item.summary, 500) ?? textOf(identifiers.summary, 500)
  return known({
    record: 'statement', vulnerability, key, aliases, title, details: textOf(item.details) ?? textOf(identifiers.details), rating: wordOf(item.severity)?.toLowerCase(),
    cvss: [], cwe: unique(listOf(item.cwe, 100).map(cweOf).filter((id) => id !== undefined)), references: web.all, products: [`retire.js:${name}`],
  } as const)
}

function* affectedOf(vulnerability: string, key: string, name: string, library: Fields, group: Group): Generator<Affected> {
  const npm = wordOf(library.npmname)
  const rating = wordOf(group.first.severity)?.toLowerCase()
  const products = [{ ecosystem: 'retire.js', name, scheme: 'generic' as const }, ...(npm === undefined ? [] : [{ ecosystem: 'npm', name: npm, scheme: 'semver' as const }])]
  for (const { scheme, ...product } of products) {
    const base = { record: 'affected', vulnerability, key, product, of: 'binary', scheme, fixed: unique(group.fixed), ...(rating === undefined ? {} : { rating }) } as const
    yield { ...base, intervals: group.intervals, versions: [], status: group.fixed.length === 0 && group.unfixed ? 'unfixed' : 'affected' }
    if (group.excludes.size > 0) yield { ...base, intervals: [], versions: [...group.excludes], status: 'notAffected', fixed: [] }
  }
}
