import { spawn } from 'node:child_process'
import { copyFileSync, mkdirSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from '#knowledge/build/build.ts'
import { newKey, openKey, trustKey } from '#knowledge/bundle/key.ts'
import { packBundle } from '#knowledge/bundle/pack.ts'
import { pointTo, readCurrent } from '#knowledge/folder.ts'
import type { Figure } from '../src/command/bench.ts'
import { writeSynthetic } from './kb/synthetic.ts'
import { median } from './statistics.ts'

const runs = 5

/**
 * Bundles of a release of the size of the public sources: how large, how long they take to write and to load, and what one changed record costs. VIGIL_KNOWLEDGE names
 * the folder of a KnowledgeBase whose release is measured instead of an invented one.
 */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'vigil-bench-bundle-'))
  const figure = (metric: string, value: number, unit: string, goal: string | null = null, holds: boolean | null = null, times = 1): void => tell({ bench: 'bundle', metric, value, unit, peer: null, ratio: null, goal, holds, runs: times })
  try {
    const [maker, taker] = [join(root, 'maker'), join(root, 'taker')]
    for (const folder of [maker, taker]) mkdirSync(folder)
    await firstRelease(root, maker)
    const first = readCurrent(maker)!
    trustKey(taker, newKey(maker, 'bench', 'bench'), 'bench')
    const key = openKey(maker, 'bench')
    const { file, ...facts } = first
    const whole = join(root, 'whole.vkb')
    let begun = performance.now()
    const packed = await packBundle({ file: join(maker, file), facts, key, made: new Date(), out: whole })
    figure('whole bundle written', seconds(begun), 's')
    figure('release file', packed.manifest.size / 1e6, 'MB')
    figure('whole bundle', packed.bytes / 1e6, 'MB')
    const loads: Load[] = []
    for (let run = 0; run < runs; run++) {
      await rm(join(taker, 'current.json'), { force: true })
      loads.push(await load(whole, taker))
    }
    const time = median(loads.map((one) => one.seconds))
    figure('whole bundle checked, written and in force', time, 's', '< 2 s', time < 2, runs)
    figure('memory while loading', Math.max(...loads.map((one) => one.megabytes)), 'MB', '< 300 MB', Math.max(...loads.map((one) => one.megabytes)) < 300, runs)

    const second = (await build(maker, [{ source: 'kev', paths: [await oneMore(root)] }], { force: true })).release!
    const change = join(root, 'change.vkb')
    begun = performance.now()
    const { file: secondFile, ...secondFacts } = second
    const delta = await packBundle({ file: join(maker, secondFile), facts: secondFacts, base: { file: join(maker, file), number: first.number }, key, made: new Date(), out: change })
    figure('bundle of one changed source written', seconds(begun), 's')
    figure('bundle of one changed source', delta.bytes / 1e6, 'MB')
    figure('bundle of one changed source in force', (await load(change, taker)).seconds, 's')
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

async function firstRelease(root: string, maker: string): Promise<void> {
  const given = process.env['VIGIL_KNOWLEDGE']
  if (given === undefined || given === '') {
    await build(maker, await writeSynthetic(join(root, 'feeds')))
    return
  }
  const current = readCurrent(given)
  if (current === null) throw new Error(`There is no release in ${given}.`)
  copyFileSync(join(given, current.file), join(maker, current.file))
  pointTo(maker, current)
}

/** A list of one vulnerability known to be exploited, as it is published. */
async function oneMore(root: string): Promise<string> {
  const path = join(root, 'known_exploited_vulnerabilities.json')
  const vulnerability = {
    cveID: 'CVE-2020-1000', vendorProject: 'Example', product: 'Example', vulnerabilityName: 'Example', dateAdded: '2026-11-24', shortDescription: 'Example', requiredAction: 'Update', dueDate: '2026-12-15',
    knownRansomwareCampaignUse: 'Unknown', notes: '', cwes: [],
  }
  await writeFile(path, JSON.stringify({ title: 'CISA Catalog of Known Exploited Vulnerabilities', catalogVersion: '2026.11.24', dateReleased: '2026-11-24T00:00:00Z', count: 1, vulnerabilities: [vulnerability] }))
  return path
}

type Load = Readonly<{ seconds: number; megabytes: number }>

/** In a process of its own, as the command does it; without the start of that. */
async function load(path: string, folder: string): Promise<Load> {
  const install = fileURLToPath(new URL('../src/knowledge/bundle/install.ts', import.meta.url))
  const script = `const { importBundle } = await import(${JSON.stringify(install)}); const begun = performance.now(); await importBundle(${JSON.stringify(path)}, { folder: ${JSON.stringify(folder)} });
    console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000, megabytes: process.resourceUsage().maxRSS / 1024 }))`
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  for await (const part of child.stdout.setEncoding('utf8')) text += String(part)
  return JSON.parse(text) as Load
}

function seconds(begun: number): number {
  return (performance.now() - begun) / 1000
}
