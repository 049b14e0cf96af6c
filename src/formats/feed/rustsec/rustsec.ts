import type { Interval } from '#core/knowledge/affected.ts'
import type { Statement } from '#core/knowledge/record.ts'
import { compare } from '#core/version/scheme.ts'
import type { FeedReader } from '../reader.ts'
import { cvssOf } from '../value/cvss.ts'
import { type Sink, Unusable, runFeed, utf8Of } from '../value/feed-run.ts'
import { splitPoints, subtract } from '../value/interval.ts'
import { isCve, known, textOf, timeOf, unique, wordOf } from '../value/json-value.ts'
import { references } from '../value/reference.ts'
import { readRequirement } from './requirement.ts'
import { readToml } from './toml.ts'

/** RustSec's advisories on crates: Markdown with a block of TOML. */
export const rustsec: FeedReader = {
  source: {
    name: 'rustsec', title: 'RustSec Advisory Database', licence: 'CC0-1.0; imported GitHub advisories CC-BY-4.0', attribution: 'RustSec', homepage: 'https://rustsec.org/',
    upstream: ['https://github.com/RustSec/advisory-db/archive/refs/heads/main.zip'],
  },
  recognises: (path) => /(?:^|\/)(?:rustsec|advisory-db)(?:[-_.][^/]*)?(?:\/|$)/i.test(path),
  read: (input) => runFeed(input, {
    what: 'advisories of RustSec',
    takes: (name) => /(?:^|\/)(?:RUSTSEC|CVE)-\d{4}-\d{4,7}\.md$/.test(name),
    entry(bytes, name, sink) {
      if (bytes.length > largest) throw new Unusable('too-large', `${name} has ${bytes.length} bytes`)
      putAdvisory(utf8Of(bytes), name, sink)
      return 1
    },
  }),
}

const largest = 512 * 1024

function putAdvisory(text: string, name: string, sink: Sink): void {
  const block = /^\s*```toml\r?\n([\s\S]*?)\n```[^\n]*(?:\n|$)/.exec(text)
  const fields = block === null ? null : readToml(block[1]!)
  if (block === null || fields === null) throw new Unusable('bad-toml', `${name} has no block of TOML that can be read`)
  const word = (key: string): string | undefined => {
    const value = fields.get(key)
    return typeof value === 'string' ? wordOf(value) : undefined
  }
  const list = (key: string): readonly string[] => {
    const value = fields.get(key)
    return value === undefined ? [] : typeof value === 'string' ? [value] : value
  }
  const id = word('advisory.id')
  const crate = word('advisory.package')
  if (id === undefined || crate === undefined || !/^(?:RUSTSEC|CVE)-\d{4}-\d{4,7}$/.test(id)) throw new Unusable('bad-advisory', `${name} names no advisory or no crate`)
  const published = timeOf(word('advisory.date'))
  const withdrawn = timeOf(word('advisory.withdrawn'))
  sink.seen(published)
  const aliases = list('advisory.aliases').map((one) => wordOf(one, 80)).filter((one) => one !== undefined)
  const cves = unique([id, ...aliases].filter(isCve))
  const vulnerabilities = cves.length > 0 ? cves : [id]
  const cvss = cvssOf(word('advisory.cvss'))
  const informational = word('advisory.informational')
  const links = references()
  links.add(`https://rustsec.org/advisories/${id}.html`, 'advisory')
  // The compiler and its library are no crates.
  const ecosystem = isOfToolchain(name) ? 'Rust' : 'crates.io'
  for (const url of [word('advisory.url'), ...list('advisory.references')]) links.add(url)
  const body = text.slice(block[0].length)
  const heading = /^\s*#\s+(.+)$/m.exec(body.slice(0, 2000))
  const versions = affectedVersions(list('versions.patched'), list('versions.unaffected'))
  for (const vulnerability of vulnerabilities) {
    sink.put(known({
      record: 'statement', vulnerability, key: id, aliases: vulnerabilities.length > 1 ? [] : [id, ...aliases].filter((one) => one !== vulnerability),
      title: textOf(heading?.[1], 500), details: textOf(heading === null ? body : body.slice(heading.index + heading[0].length)), published, withdrawn,
      rating: informational === undefined ? undefined : 'info', cvss: cvss === null ? [] : [cvss], cwe: [], references: links.all, products: [],
    }) as Statement)
    if (withdrawn === undefined && versions !== null) {
      sink.put({
        record: 'affected', vulnerability, key: id, product: { ecosystem, name: crate }, of: 'binary', scheme: 'semver', ...splitPoints(versions.intervals), status: 'affected',
        fixed: versions.fixed, ...(informational === undefined ? {} : { rating: 'info' }),
      })
    }
  }
  if (versions === null) sink.unused(id, 'bad-requirement', [...list('versions.patched'), ...list('versions.unaffected')].join(' | '))
}

/** All versions but those that are patched or were never affected. Null when one of the requirements cannot be read: then nothing is known. */
function affectedVersions(patched: readonly string[], unaffected: readonly string[]): Readonly<{ intervals: readonly Interval[]; fixed: readonly string[] }> | null {
  const holes = [...patched, ...unaffected].map(readRequirement)
  if (holes.includes(null)) return null
  const intervals = subtract([{}], holes as Interval[], (a, b) => compare('semver', a, b))
  const fixed = patched.map((text) => readRequirement(text)?.from).filter((one) => one !== undefined)
  return intervals === null ? null : { intervals, fixed: unique(fixed).slice(0, 50) }
}

function isOfToolchain(name: string): boolean {
  return /(?:^|\/)rust\/[\w-]+\/[^/]+$/.test(name) && !/(?:^|\/)crates\//.test(name)
}
