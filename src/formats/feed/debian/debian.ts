import { fail } from '#core/errors.ts'
import type { Affected } from '#core/knowledge/affected.ts'
import type { Statement } from '#core/knowledge/record.ts'
import type { FeedReader } from '../reader.ts'
import { type Sink, Unusable, each, jsonOf, runFeed } from '../value/feed-run.ts'
import { type Fields, fieldsOf, isFields, known, textOf, wordOf } from '../value/json-value.ts'

/** Debian's security tracker: what stands in which release, by source package. */
export const debian: FeedReader = {
  source: {
    name: 'debian', title: 'Debian Security Tracker', licence: 'public', attribution: 'Debian Security Team', homepage: 'https://security-tracker.debian.org/',
    upstream: ['https://security-tracker.debian.org/tracker/data/json'],
  },
  recognises: (path) => /(?:^|\/)debian(?:[-_.][^/]*)?(?:\/|$)|(?:^|\/)security-tracker[\w.-]*\.json(?:\.gz)?$/i.test(path),
  read: (input) => runFeed(input, {
    what: 'the JSON of the Debian security tracker',
    takes: (name) => /\.json(?:\.gz)?$/.test(name) || !/\.[a-z]{1,5}$/i.test(name),
    entry(bytes, name, sink) {
      const root = jsonOf(bytes)
      if (!isFields(root)) throw new Unusable('debian-format', `${name} is no list of packages`)
      return putPackages(root, input.name, sink)
    },
  }),
}

/** Names of releases; the older ones are of long-term support. */
const releases: Readonly<Record<string, string>> = {
  lenny: '5', squeeze: '6', wheezy: '7', jessie: '8', stretch: '9', buster: '10', bullseye: '11', bookworm: '12', trixie: '13', forky: '14', duke: '15', sid: 'sid',
}

function putPackages(root: Fields, feed: string, sink: Sink): number {
  let count = 0
  let bad = 0
  const told = new Set<string>()
  for (const [name, vulnerabilities] of Object.entries(root)) {
    // A file of something else has no packages with CVEs.
    if (count === 0 && bad > 200) fail('feed.format', { path: feed, what: 'the JSON of the Debian security tracker', problem: 'its first packages have no vulnerabilities' })
    if (!/^[a-z0-9][a-z0-9+.-]{0,100}$/.test(name) || !isFields(vulnerabilities)) {
      bad++
      sink.unused(name, 'bad-package', 'it is no source package')
      continue
    }
    for (const [id, about] of Object.entries(vulnerabilities)) {
      if (!isFields(about) || !isFields(about['releases'])) {
        sink.unused(`${name} ${id}`, 'bad-record', 'it has no releases')
        continue
      }
      count++
      each(sink, `${name} ${id}`, () => putOne(name, id, about, told, sink))
    }
  }
  return count
}

function putOne(name: string, id: string, about: Fields, told: Set<string>, sink: Sink): void {
  // What has no CVE yet has a number that will change.
  if (!/^(?:CVE-(?:19|20)\d\d-\d{4,7}|TEMP-[\dA-F-]{5,40})$/.test(id)) return sink.unused(name, 'bad-identifier', id)
  if (!told.has(id)) {
    told.add(id)
    sink.put(known({
      record: 'statement', vulnerability: id, key: id, aliases: [], details: textOf(about['description']), cvss: [], cwe: [],
      references: [{ url: `https://security-tracker.debian.org/tracker/${id}`, kind: 'advisory' }], products: [],
    }) as Statement)
  }
  for (const [codename, value] of Object.entries(fieldsOf(about['releases']))) {
    const version = Object.hasOwn(releases, codename) ? releases[codename] : undefined
    if (version === undefined) {
      sink.unused(`${name} ${id}`, 'unknown-release', codename)
      continue
    }
    const release = fieldsOf(value)
    const standing = standingOf(release)
    if (standing === null) {
      sink.unused(`${name} ${id}`, 'unknown-status', String(release['status']).slice(0, 100))
      continue
    }
    const urgency = wordOf(release['urgency'], 40)?.replace(/\*+$/, '')
    sink.put({
      record: 'affected', vulnerability: id, key: id, product: { ecosystem: `Debian:${version}`, name }, of: 'source', scheme: 'dpkg', versions: [], ...standing,
      ...(urgency === undefined || urgency === 'not yet assigned' ? {} : { rating: urgency }),
    })
  }
}

/** `resolved` in version `0` was never in the release. Open ones are affected whole; that the team will make no advisory (`nodsa`) changes nothing in that. */
function standingOf(release: Fields): Pick<Affected, 'status' | 'intervals' | 'fixed'> | null {
  switch (release['status']) {
    case 'resolved': {
      const fixed = wordOf(release['fixed_version'], 100)
      if (fixed === undefined) return null
      return fixed === '0' ? { status: 'notAffected', intervals: [], fixed: [] } : { status: 'affected', intervals: [{ before: fixed }], fixed: [fixed] }
    }
    case 'open':
      return { status: 'unfixed', intervals: [{}], fixed: [] }
    case 'undetermined':
      return { status: 'underInvestigation', intervals: [{}], fixed: [] }
    default:
      return null
  }
}
