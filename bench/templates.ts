import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Figure } from '../src/command/bench.ts'

type Run = Readonly<{ found: readonly string[]; seconds: number; cpu: number; peak: number; requests: number }>
type Compared = Readonly<{ templates: number; targets: number; all: Run; fitting: Run; nuclei: Run | null }>

const differencesShown = 100

/**
 * The same templates on the same twins of real products, in a network namespace of their own: ours, all and fitting, beside nuclei 3.7.0 where it is on the PATH (built by Go with the
 * requirements and sums that its own module carries). `VIGIL_FEEDS`: the folder of feeds; `VIGIL_BENCH_EVERY`: one template in so many, 4 where it is not said.
 */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const feeds = process.env['VIGIL_FEEDS']
  if (feeds === undefined) throw new Error('VIGIL_FEEDS names no folder of feeds')
  const folder = await mkdtemp(join(tmpdir(), 'vigil-bench-templates-'))
  try {
    const words = ['-n', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', process.execPath, '--disable-warning=ExperimentalWarning', fileURLToPath(new URL('./templates/compare.ts', import.meta.url)), feeds, folder, process.env['VIGIL_BENCH_EVERY'] ?? '4']
    const { stdout, stderr } = await promisify(execFile)('unshare', words, { maxBuffer: 1e9 })
    process.stderr.write(stderr)
    report(JSON.parse(stdout) as Compared, tell)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function report({ templates, targets, all, fitting, nuclei }: Compared, tell: (figure: Figure) => void): void {
  const set = `${templates} templates, ${targets} targets`
  const figure = (metric: string, value: number, unit: string, rest: Partial<Figure> = {}): void => tell({ bench: 'templates', metric, value, unit, peer: null, ratio: null, goal: null, holds: null, runs: 1, ...rest })
  figure(`requests, all of ${set}`, all.requests, 'requests', nuclei === null ? {} : { peer: 'nuclei', ratio: all.requests / nuclei.requests })
  figure('requests, what fits', fitting.requests, 'requests', { peer: 'all of them', ratio: fitting.requests / all.requests })
  figure('requests, what fits, for a target', fitting.requests / targets, 'requests')
  figure('wall, all', all.seconds, 's', nuclei === null ? {} : { peer: `nuclei (${nuclei.seconds.toFixed(1)} s)`, ratio: all.seconds / nuclei.seconds })
  figure('CPU, all, program start included', all.cpu, 's', nuclei === null ? {} : { peer: `nuclei (${nuclei.cpu.toFixed(1)} s)`, ratio: all.cpu / nuclei.cpu, goal: '≤ 1/3', holds: all.cpu <= nuclei.cpu / 3 })
  figure('peak memory, all', all.peak, 'MB', nuclei === null ? {} : { peer: `nuclei (${nuclei.peak.toFixed(0)} MB)`, ratio: all.peak / nuclei.peak, goal: '≤ 1/2', holds: all.peak <= nuclei.peak / 2 })
  figure('CPU, what fits', fitting.cpu, 's', nuclei === null ? {} : { peer: 'nuclei', ratio: fitting.cpu / nuclei.cpu })
  figure('peak memory, what fits', fitting.peak, 'MB', nuclei === null ? {} : { peer: 'nuclei', ratio: fitting.peak / nuclei.peak })
  figure('findings, all', all.found.length, 'findings')
  const kept = all.found.filter((one) => fitting.found.includes(one))
  figure('of these, found by what fits', kept.length, 'findings')
  difference('found by all of them, not by what fits', all.found, fitting.found)
  if (nuclei === null) return
  const same = all.found.filter((one) => nuclei.found.includes(one)).length
  figure('findings that nuclei has, too', same, 'findings', { peer: `nuclei (${nuclei.found.length} findings)`, ratio: same / nuclei.found.length })
  difference('nuclei alone', nuclei.found, all.found)
  difference('ours alone', all.found, nuclei.found)
}

function difference(what: string, one: readonly string[], other: readonly string[]): void {
  const only = one.filter((each) => !other.includes(each))
  if (only.length > 0) process.stderr.write(`  ${what}: ${only.length}\n${only.slice(0, differencesShown).map((each) => `    ${each}\n`).join('')}`)
}
