import { CORE_SCHEMA, load } from 'js-yaml'
import type { Interval } from '#core/knowledge/affected.ts'
import type { FeedReader } from '../reader.ts'
import { type Sink, Unusable, each, jsonOf, runFeed, utf8Of } from '../value/feed-run.ts'
import { type Fields, cvesIn, fieldsOf, isFields, listOf, wordOf } from '../value/json-value.ts'

/** Alpine's secdb, JSON or YAML: which version of a package fixed what. Packages are those that are built, several binaries each. */
export const alpine: FeedReader = {
  source: {
    name: 'alpine', title: 'Alpine Security Database', licence: 'CC-BY-SA-4.0', attribution: 'Alpine Linux', homepage: 'https://security.alpinelinux.org/',
    upstream: ['https://secdb.alpinelinux.org/'],
  },
  recognises: (path) => /(?:^|\/)(?:alpine|secdb)(?:[-_.][^/]*)?(?:\/|$)/i.test(path),
  read(input) {
    const told = new Set<string>()
    return runFeed(input, {
      what: 'the Alpine security database',
      takes: (name) => /\.(?:json|ya?ml)(?:\.gz)?$/.test(name),
      entry(bytes, name, sink) {
        const root = /\.json(?:\.gz)?$/.test(name) ? jsonOf(bytes) : yamlOf(bytes)
        return putBranch(fieldsOf(root), name, told, sink)
      },
    })
  },
}

const largestYaml = 16 * 1024 * 1024

function yamlOf(bytes: Uint8Array): unknown {
  if (bytes.length > largestYaml) throw new Unusable('too-large', `${bytes.length} bytes of YAML`)
  const text = utf8Of(bytes)
  // Nothing here repeats itself by reference; what does wants to grow.
  if (/(?:^|[\s[{,])[&*][A-Za-z0-9]/m.test(text.replace(/"[^"\n]*"|'[^'\n]*'|#[^\n]*/g, ''))) throw new Unusable('yaml-reference', 'it refers to parts of itself')
  try {
    return load(text, { schema: CORE_SCHEMA })
  } catch (error) {
    throw new Unusable('not-yaml', error instanceof Error ? error.message.slice(0, 200) : 'no YAML')
  }
}

function putBranch(root: Fields, name: string, told: Set<string>, sink: Sink): number {
  const version = wordOf(root['distroversion'], 30)
  const packages = root['packages']
  if (version === undefined || !Array.isArray(packages) || !/^(?:v\d+\.\d+|edge)/.test(version)) throw new Unusable('secdb-format', `${name} has no packages of a release`)
  const ecosystem = `Alpine:${/^v\d+\.\d+|edge/.exec(version)![0]}`
  let count = 0
  for (const value of listOf(packages, 100_000)) {
    const about = fieldsOf(fieldsOf(value)['pkg'])
    const pkg = wordOf(about['name'], 120)
    count++
    if (pkg === undefined || !isFields(about['secfixes'])) sink.unused(`${name}#${count}`, 'bad-package', 'it has no name or no fixes')
    else each(sink, `${ecosystem} ${pkg}`, () => putPackage(ecosystem, pkg, fieldsOf(about['secfixes']), told, sink))
  }
  return count
}

function putPackage(ecosystem: string, name: string, fixes: Fields, told: Set<string>, sink: Sink): void {
  const byCve = new Map<string, Set<string>>()
  for (const [version, list] of Object.entries(fixes)) {
    if (version !== '0' && !/^\d[\w.+-]{0,80}$/.test(version)) {
      sink.unused(`${ecosystem} ${name}`, 'bad-version', version)
      continue
    }
    for (const text of listOf(list, 5000)) {
      // `CVE-2019-1234 XSA-305 (+ regression)`
      const cves = typeof text === 'string' ? cvesIn(text) : []
      if (cves.length === 0) sink.unused(`${ecosystem} ${name}`, 'no-cve', String(text).slice(0, 100))
      for (const cve of cves) byCve.set(cve, (byCve.get(cve) ?? new Set()).add(version))
    }
  }
  for (const [cve, versions] of byCve) {
    if (!told.has(cve)) {
      told.add(cve)
      sink.put({
        record: 'statement', vulnerability: cve, key: cve, aliases: [], cvss: [], cwe: [], references: [{ url: `https://security.alpinelinux.org/vuln/${cve}`, kind: 'advisory' }], products: [],
      })
    }
    const fixed = [...versions].filter((one) => one !== '0')
    const intervals: readonly Interval[] = fixed.map((before) => ({ before }))
    sink.put({
      record: 'affected', vulnerability: cve, key: `${ecosystem} ${name}`, product: { ecosystem, name }, of: 'source', scheme: 'apk', versions: [], intervals,
      // Fixed in 0 was never in it.
      status: fixed.length === 0 ? 'notAffected' : 'affected', fixed,
    })
  }
}
