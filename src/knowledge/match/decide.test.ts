import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Affected, Interval, Software } from '#core/knowledge/affected.ts'
import type { SourceName } from '#core/knowledge/record.ts'
import { contains } from '#core/knowledge/range.ts'
import { decide } from './decide.ts'
import { kindOf } from './kind.ts'
import { isPartOfKernelOnly } from './kernel.ts'
import { distributionRelease, subjectOf } from './names.ts'
import { decidingRank } from './precedence.ts'
import { memoryRanges, type StoredAffected } from './range-source.ts'

const version = fc.tuple(fc.constantFrom('', '1:'), fc.nat(2), fc.nat(3), fc.constantFrom('', '-1', '-1+deb12u2', '~rc1-1', '-2'))
  .map(([epoch, a, b, tail]) => `${epoch}${a}.${b}${tail}`)
const interval: fc.Arbitrary<Interval> = fc.oneof(
  { weight: 6, arbitrary: version.map((before) => ({ before })) },
  { weight: 1, arbitrary: fc.tuple(version, version).map(([from, before]) => ({ from, before })) },
  { weight: 1, arbitrary: version.map((upTo) => ({ upTo })) },
  { weight: 1, arbitrary: fc.constant({ before: 'not:a-version' }) },
)
const statement = fc.record({
  vulnerability: fc.integer({ min: 1, max: 8 }), source: fc.constantFrom<SourceName>('debian', 'osv', 'cve'), of: fc.constantFrom('source', 'binary'),
  architectures: fc.constantFrom(undefined, undefined, undefined, ['amd64'], ['arm64']), intervals: fc.array(interval, { maxLength: 2 }), status: fc.constantFrom('affected', 'affected', 'affected', 'notAffected', 'unfixed', 'underInvestigation'),
} as const)

/** The rules of precedence.ts and verdict.ts, written down once more and as plainly as can be. */
function plainly(rows: readonly StoredAffected[], installed: string, source: string): readonly number[] {
  const hits: number[] = []
  const ours = rows.filter(({ affected }) => affected.architectures === undefined || affected.architectures.includes('amd64'))
  for (const [vulnerability, said] of Map.groupBy(ours, (row) => row.vulnerability)) {
    const ranked = [...Map.groupBy(said, (row) => row.source)].sort(([a], [b]) => decidingRank('Debian:12', a) - decidingRank('Debian:12', b))
    for (const [, list] of ranked) {
      const answers = list.map(({ affected }) => ({ affected, inside: contains(affected, affected.of === 'source' ? source : installed) }))
      const out = answers.filter(({ affected, inside }) => affected.status === 'notAffected' && inside === true)
      if (out.some(({ affected }) => affected.intervals.length > 0)) break
      const affecting = answers.filter(({ affected }) => affected.status === 'affected' || affected.status === 'unfixed')
      if (affecting.some(({ inside }) => inside === true)) {
        hits.push(vulnerability)
        break
      }
      if (affecting.some(({ inside }) => inside === null)) continue
      if (affecting.length > 0 || out.length > 0) break
    }
  }
  return hits.sort((a, b) => a - b)
}

test('what is found by halving and by groups is what the rules say, row by row', () => {
  fc.assert(fc.property(fc.array(statement, { maxLength: 20 }), version, version, fc.boolean(), (statements, installed, sourceVersion, sameName) => {
    const rows = statements.map(({ vulnerability, source, of, architectures, intervals, status }, index): StoredAffected => ({
      id: index + 1, vulnerability, name: `CVE-2099-000${vulnerability}`, source,
      affected: {
        record: 'affected', vulnerability: `CVE-2099-000${vulnerability}`, key: String(index), product: { ecosystem: 'Debian:12', name: of === 'source' || sameName ? 'thing' : 'libthing1' },
        of, scheme: 'dpkg', intervals, versions: [], status, fixed: [], ...(architectures === undefined ? {} : { architectures }),
      } satisfies Affected,
    }))
    const software: Software = { ecosystem: 'Debian:12', architecture: 'amd64', name: sameName ? 'thing' : 'libthing1', version: installed, source: 'thing', sourceVersion: sameName ? installed : sourceVersion }
    const { hits, conditional } = decide(software, kindOf(software, memoryRanges(rows)))
    assert.deepEqual(conditional, [])
    assert.deepEqual(hits.map((hit) => hit.check).sort((a, b) => a - b), plainly(rows, installed, sameName ? installed : sourceVersion))
    for (const hit of hits) {
      const at = hit.by.affected.of === 'source' && !sameName ? sourceVersion : installed
      if (hit.fixedIn !== null) assert.notEqual(contains({ scheme: 'dpkg', intervals: [{ upTo: at }], versions: [] }, hit.fixedIn), true, `${at} is mended by ${hit.fixedIn}`)
    }
  }), { numRuns: 5000 })
})

test('a rebuild of Red Hat is decided over as Red Hat is, by halving and by groups', () => {
  for (const intervals of [[{ before: '2-1' }], [{ before: '0.5-1' }, { from: '0.8-1', before: '2-1' }]]) {
    const row = (id: number, source: SourceName, status: Affected['status']): StoredAffected => ({
      id, vulnerability: 1, name: 'CVE-2099-0001', source,
      affected: { record: 'affected', vulnerability: 'CVE-2099-0001', key: source, product: { ecosystem: 'Red Hat:8', name: 'thing' }, of: 'binary', scheme: 'rpm', intervals, versions: [], status, fixed: [] },
    })
    const software: Software = { ecosystem: 'CentOS:8', name: 'thing', version: '1-1' }
    const { hits } = decide(software, kindOf(software, memoryRanges([row(1, 'csaf', 'notAffected'), row(2, 'redhat', 'affected')])))
    assert.deepEqual(hits.map(({ by }) => by.source), ['redhat'])
  }
})

test('names of releases', () => {
  const names = {
    'Debian:12.5': 'Debian:12', 'Debian:12': 'Debian:12', 'Ubuntu:22.04:LTS': 'Ubuntu:22.04', 'Ubuntu:Pro:18.04:LTS': 'Ubuntu:Pro:18.04', 'Red Hat:9.4': 'Red Hat:9', 'CentOS:7': 'Red Hat:7',
    'Red Hat:rhel_eus:9.2': 'Red Hat:rhel_eus:9.2', 'Alpine:3.20.1': 'Alpine:v3.20', 'Alpine:v3.20': 'Alpine:v3.20', 'Alpine:edge': 'Alpine:edge', 'Rocky Linux:9.3': 'Rocky Linux:9', Wolfi: 'Wolfi',
  }
  for (const [written, meant] of Object.entries(names)) assert.equal(distributionRelease(written), meant)
})

test('sources of signed kernels', () => {
  const sourceOf = (source: string): readonly (string | boolean | undefined)[] => {
    const { lookups, toldOfSource } = subjectOf({ ecosystem: 'Debian:12', name: 'linux-image-6.1.0-18-amd64', source })
    return [lookups.at(-1)?.name, toldOfSource]
  }
  assert.deepEqual(sourceOf('linux-signed-amd64'), ['linux', false])
  assert.deepEqual(sourceOf('linux-signed'), ['linux', false])
  assert.deepEqual(sourceOf('linux-signed-hwe-6.5'), ['linux-hwe-6.5', false])
  assert.deepEqual(sourceOf('linux-signed-arm64-hwe'), ['linux-hwe', false])
  assert.deepEqual(sourceOf('linux-5.10'), ['linux-5.10', true])
})

test('what of a kernel runs', () => {
  const runs = (name: string, source?: string): boolean => !isPartOfKernelOnly({ name, ...(source === undefined ? {} : { source }) })
  for (const [name, source] of [
    ['linux-image-6.1.0-18-amd64', 'linux'], ['linux-modules-extra-5.15.0-91-generic', 'linux'], ['kernel', 'kernel'], ['kernel-core', 'kernel'], ['kernel-modules-extra', 'kernel'], ['linux-lts', 'linux-lts'],
    ['kernel-default', 'kernel-default'], ['linux-firmware', 'linux-firmware'], ['kernel-wedge', 'kernel-wedge'], ['libpam-modules', 'pam'], ['linux-base', 'linux-base'],
  ] as const) assert.ok(runs(name, source), name)
  for (const [name, source] of [
    ['linux-libc-dev', 'linux'], ['linux-headers-6.1.0-18-common', 'linux'], ['linux-image-amd64-dbg', 'linux'], ['linux-perf', 'linux'], ['bpftool', 'linux'], ['perf', 'kernel'], ['kernel-headers', 'kernel'],
    ['kernel-devel', 'kernel'], ['kernel-tools-libs', 'kernel'], ['linux-lts-dev', 'linux-lts'], ['linux-image-generic', 'linux-meta'], ['kernel-default-devel', 'kernel-default'], ['kernel-headers', undefined],
  ] as const) assert.ok(!runs(name, source), name)
})
