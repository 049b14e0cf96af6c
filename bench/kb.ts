import { fork, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Import } from '#knowledge/build/build.ts'
import { recogniseFolder } from '#knowledge/sync/recognise.ts'
import type { Figure } from '../src/command/bench.ts'
import type { Reply } from './kb/worker.ts'
import { writeSynthetic } from './kb/synthetic.ts'

const worker = fileURLToPath(new URL('./kb/worker.ts', import.meta.url))
const content = fileURLToPath(new URL('../content', import.meta.url))

/**
 * The KnowledgeBase over all public sources (the folder in VIGIL_FEEDS), or over as much of invented data: a first import, the same again, opening, searching. Each in a
 * process of its own, so that memory is its own too.
 */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'vigil-bench-kb-'))
  const data = process.env['VIGIL_FEEDS']
  try {
    const feeds: readonly Import[] = data === undefined ? await writeSynthetic(join(root, 'feeds')) : (await recogniseFolder(data)).imports
    const imports = [{ source: 'vigil', paths: [content] } as const, ...feeds]
    const about = data === undefined ? 'invented data' : 'all feeds'
    const folder = join(root, 'knowledge')

    const first = await run({ task: 'build', folder, imports })
    tell(figure(`first import, ${about}`, first.values['seconds']!, 's', '< 60 s', first.values['seconds']! < 60, 1))
    tell(figure('peak memory while importing', first.peak, 'MB', '< 1000 MB', first.peak < 1000, 1))
    tell(figure('vulnerabilities', first.values['vulnerabilities']!, '', null, null, 1))
    tell(figure('ranges', first.values['ranges']!, '', null, null, 1))
    tell(figure('size of the release', first.values['megabytes']!, 'MB', null, null, 1))
    const again = await run({ task: 'build', folder, imports })
    tell(figure('the same again', again.values['seconds']!, 's', null, null, 1))

    const asked = await run({ task: 'ask', folder, imports: [] })
    tell(figure('opening, to the first answer', asked.values['open']!, 'ms', null, null, 1))
    tell(figure('search, p50', asked.values['p50']!, 'ms', null, null, asked.values['runs']!))
    tell(figure('search, p95', asked.values['p95']!, 'ms', '< 50 ms', asked.values['p95']! < 50, asked.values['runs']!))
    tell(figure('facets, p95', asked.values['facetsP95']!, 'ms', '< 50 ms', asked.values['facetsP95']! < 50, asked.values['runs']!))
    tell(figure('one vulnerability with all statements, p95', asked.values['detailP95']!, 'ms', null, null, asked.values['runs']!))
    tell(figure('memory it adds when idle, opened', asked.values['opened']!, 'MB', null, null, 1))
    tell(figure('memory it adds after all those questions', asked.values['grown']!, 'MB', '< 400 MB', asked.values['grown']! < 400, 1))
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

/** Runs one task in a process of its own, and watches what memory it takes. */
async function run(task: Readonly<{ task: 'build' | 'ask'; folder: string; imports: readonly Import[] }>): Promise<Readonly<{ values: Reply; peak: number }>> {
  const child = fork(worker, [], { execArgv: process.execArgv })
  try {
    child.send(task)
    const values = await answerOf(child)
    return { values, peak: await peakMegabytes(child.pid!) }
  } finally {
    child.kill('SIGKILL')
  }
}

function answerOf(child: ChildProcess): Promise<Reply> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => {
      const reply = message as Reply | Readonly<{ problem: string }>
      if ('problem' in reply) reject(new Error(String(reply.problem)))
      else resolve(reply)
    })
    child.once('exit', (code) => reject(new Error(`the process of the benchmark ended with ${code}`)))
  })
}

async function peakMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024)
}

function figure(metric: string, value: number, unit: string, goal: string | null, holds: boolean | null, runs: number): Figure {
  return { bench: 'kb', metric, value, unit, peer: null, ratio: null, goal, holds, runs }
}
