import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Figure } from '../../src/command/bench.ts'
import type { Affected, Software } from '../../src/core/knowledge/affected.ts'
import { cveNumber } from '../../src/core/knowledge/number.ts'
import { schemeOf } from '../../src/core/version/ecosystem.ts'
import { compare } from '../../src/core/version/scheme.ts'
import { createMatcher } from '../../src/knowledge/match/matcher.ts'
import { memoryRanges, type StoredAffected } from '../../src/knowledge/match/range-source.ts'
import { seeds } from '../../test/versions/pairs.ts'
import { liveTools } from '../../test/versions/tools.ts'
import { chance } from './fleet-data.ts'
import { zipOf } from './zip.ts'

type Tell = (metric: string, value: number, unit: string, rest?: Partial<Figure>) => void

/** Package URL types of the ecosystems that are compared. */
const types: Readonly<Record<string, string>> = {
  npm: 'npm', PyPI: 'pypi', Go: 'golang', Maven: 'maven', RubyGems: 'gem', NuGet: 'nuget', Packagist: 'composer', 'crates.io': 'cargo',
}
const groups: Readonly<Record<string, string>> = { Maven: 'org.example:', Go: 'example.org/', Packagist: 'example/' }
const packagesEach = 100
const advisoriesEach = 3
const versionsEach = 5

/**
 * The same inventory with the same advisories for osv-scanner, offline, if it is on the PATH (`go install github.com/google/osv-scanner/v2/cmd/osv-scanner@v2.2.2`).
 * trivy and grype take advisories only in databases of their own make, which are not to be had offline.
 */
export async function peers(tell: Tell): Promise<void> {
  const { rows, software } = made()
  const found = createMatcher(memoryRanges(rows)).match([software])[0]!
  const ours = new Set(found.map((hit) => lineOf(hit.software.ecosystem, hit.software.name, hit.software.version, hit.vulnerability)))
  const theirs = await osvScanner(rows, software)
  if (theirs === null) {
    tell('hits beside osv-scanner', ours.size, 'hits', { peer: 'osv-scanner, which is not on the PATH' })
    return
  }
  const same = [...ours].filter((line) => theirs.has(line)).length
  const [onlyOurs, onlyTheirs] = [[...ours].filter((line) => !theirs.has(line)), [...theirs].filter((line) => !ours.has(line))]
  tell(`hits that osv-scanner finds too, of ${software.length} packages with ${rows.length} advisories`, same, 'hits', {
    peer: `osv-scanner (${theirs.size} hits)`, ratio: same / theirs.size,
  })
  tell('hits of ours alone', onlyOurs.length, 'hits')
  tell('hits of osv-scanner alone', onlyTheirs.length, 'hits')
  const { asked, withUs } = await judged(rows, onlyOurs, onlyTheirs)
  tell('of these, that the package system’s own tool was asked about', asked, 'hits')
  tell('of these, that it says as we do', withUs, 'hits', { goal: 'all', holds: withUs === asked })
}

/** Lets composer, RubyGems, node-semver and packaging say who is right, where they are installed. */
async function judged(rows: readonly StoredAffected[], onlyOurs: readonly string[], onlyTheirs: readonly string[]): Promise<Readonly<{ asked: number; withUs: number }>> {
  const byName = new Map(rows.map((row) => [row.name, row]))
  let asked = 0
  let withUs = 0
  for (const tool of liveTools) {
    const lines = [...onlyOurs.map((line) => ({ line, ours: true })), ...onlyTheirs.map((line) => ({ line, ours: false }))]
    const about = lines.flatMap(({ line, ours }) => {
      const [version, vulnerability] = line.split(' ').slice(-2) as [string, string]
      const { affected } = byName.get(vulnerability)!
      const { from, before } = affected.intervals[0]!
      return affected.scheme === tool.scheme ? [{ line, ours, pairs: [[from!, version], [version, before!]] as const }] : []
    })
    if (about.length === 0) continue
    const answers = await tool.ask(about.flatMap(({ pairs }) => pairs)).catch(() => null)
    if (answers === null) continue
    for (const [index, { line, ours }] of about.entries()) {
      const [above, below] = [answers[index * 2], answers[index * 2 + 1]]
      const isInside = above !== null && below !== null && above! <= 0 && below! < 0
      asked++
      if (isInside === ours) withUs++
      else process.stderr.write(`  ${tool.name} says otherwise: ${line}\n`)
    }
  }
  return { asked, withUs }
}

/** Versions as they are in the wild, and the same with other numbers in them. */
function made(): Readonly<{ rows: readonly StoredAffected[]; software: readonly Software[] }> {
  const random = chance(11)
  const rows: StoredAffected[] = []
  const software: Software[] = []
  for (const ecosystem of Object.keys(types)) {
    const scheme = schemeOf(ecosystem)
    const vary = (text: string): string => text.replace(/\d+/g, (digits) => (random() < 0.3 ? String(Number(digits) + Math.floor(random() * 3)) : digits))
    const varied = seeds[scheme].real.flatMap((one) => Array.from({ length: 20 }, () => vary(one)))
    const versions = varied.filter((one) => /^v?\d/.test(one) && compare(scheme, one, one) !== null)
    const any = (): string => versions[Math.floor(random() * versions.length)]!
    for (let number = 0; number < packagesEach; number++) {
      const name = `${groups[ecosystem] ?? ''}p${number}`
      for (let index = 0; index < advisoriesEach; index++) {
        const [one, other] = [any(), any()]
        const [from, before] = compare(scheme, one, other)! < 0 ? [one, other] : [other, one]
        const vulnerability = `CVE-2098-${10_000 + rows.length}`
        const affected: Affected = {
          record: 'affected', vulnerability, key: vulnerability, product: { ecosystem, name }, of: 'binary', scheme, intervals: [{ from, before }],
          versions: [], status: 'affected', fixed: [before],
        }
        rows.push({ id: rows.length + 1, vulnerability: cveNumber(vulnerability)!, name: vulnerability, source: 'osv', affected })
      }
      for (const version of new Set(Array.from({ length: versionsEach }, any))) software.push({ ecosystem, name, version })
    }
  }
  return { rows, software }
}

function lineOf(ecosystem: string, name: string, version: string, vulnerability: string): string {
  return `${ecosystem} ${name} ${version.replace(/^v/, '')} ${vulnerability}`
}

type Answer = Readonly<{
  results?: readonly Readonly<{
    packages: readonly Readonly<{ package: Readonly<{ ecosystem: string; name: string; version: string }>; vulnerabilities?: readonly Readonly<{ id: string }>[] }>[]
  }>[]
}>

async function osvScanner(rows: readonly StoredAffected[], software: readonly Software[]): Promise<ReadonlySet<string> | null> {
  const folder = mkdtempSync(join(tmpdir(), 'vigil-bench-peers-'))
  try {
    for (const [ecosystem, said] of Map.groupBy(rows, ({ affected }) => affected.product.ecosystem)) {
      const place = join(folder, 'osv-scanner', ecosystem)
      mkdirSync(place, { recursive: true })
      writeFileSync(join(place, 'all.zip'), zipOf(said.map((row) => [`${row.name}.json`, JSON.stringify(osvOf(row))])))
    }
    const bill = join(folder, 'bom.cdx.json')
    writeFileSync(bill, JSON.stringify({ bomFormat: 'CycloneDX', specVersion: '1.5', version: 1, components: software.map(componentOf) }))
    const args = ['scan', 'source', '--offline', '--offline-vulnerabilities', '--local-db-path', folder, '--format', 'json', '--all-packages', '-L', bill]
    const { stdout } = await promisify(execFile)('osv-scanner', args, { maxBuffer: 1e9 }).catch((error: { code?: unknown; stdout?: string; stderr?: string }) => {
      // 1 says that there are vulnerabilities.
      if (error.code === 'ENOENT') return { stdout: null }
      if (error.code !== 1) throw new Error(`osv-scanner ended with ${String(error.code)}: ${error.stderr?.slice(-500)}`)
      return { stdout: error.stdout ?? '' }
    })
    if (stdout === null) return null
    const answer = JSON.parse(stdout) as Answer
    return new Set((answer.results ?? []).flatMap((result) => result.packages.flatMap((one) =>
      (one.vulnerabilities ?? []).map(({ id }) => lineOf(one.package.ecosystem, one.package.name, one.package.version, id)))))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function osvOf({ name, affected: { product, intervals } }: StoredAffected): unknown {
  const [only] = intervals
  const type = ['npm', 'Go', 'crates.io'].includes(product.ecosystem) ? 'SEMVER' : 'ECOSYSTEM'
  const bare = (text: string): string => (product.ecosystem === 'Go' ? text.replace(/^v/, '') : text)
  return {
    id: name, modified: '2026-01-01T00:00:00Z', published: '2026-01-01T00:00:00Z', schema_version: '1.6.0', summary: name,
    affected: [{ package: { ecosystem: product.ecosystem, name: product.name }, ranges: [{ type, events: [{ introduced: bare(only!.from!) }, { fixed: bare(only!.before!) }] }] }],
  }
}

function componentOf({ ecosystem, name, version }: Software): unknown {
  const path = name.split(/[:/]/).map(encodeURIComponent).join('/')
  return { type: 'library', name, version, purl: `pkg:${types[ecosystem]!}/${path}@${encodeURIComponent(version)}` }
}
