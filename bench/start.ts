import { spawn, type ChildProcess } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Figure } from '../src/command/bench.ts'
import { median } from './statistics.ts'

const vigil = fileURLToPath(new URL('../vigil', import.meta.url))
const warmRuns = 5

/** From calling `./vigil up` to the first answer of /readyz: with no database yet, and again with one. The console is built beforehand. */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'vigil-bench-start-'))
  await chmod(data, 0o755)
  try {
    const built = await start(join(data, 'build'))
    await built.stop()
    const first = await start(join(data, 'state'))
    await first.stop()
    tell(figure('first start, database created', first.seconds, 's', '< 8 s', first.seconds < 8, 1))
    const warm: number[] = []
    let memory = 0
    for (let run = 0; run < warmRuns; run++) {
      const again = await start(join(data, 'state'))
      warm.push(again.seconds)
      memory = Math.max(memory, again.megabytes)
      await again.stop()
    }
    tell(figure('warm start', median(warm), 's', '< 1.5 s', median(warm) < 1.5, warmRuns))
    tell(figure('memory of the platform process, idle', memory, 'MB', '< 120 MB', memory < 120, warmRuns))
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

function figure(metric: string, value: number, unit: string, goal: string, holds: boolean, runs: number): Figure {
  return { bench: 'start', metric, value, unit, peer: null, ratio: null, goal, holds, runs }
}

async function start(data: string): Promise<Readonly<{ seconds: number; megabytes: number; stop(): Promise<void> }>> {
  const begun = performance.now()
  const child = spawn(vigil, ['up', '--data', data, '--port', '0', '--json'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const { url, pid } = await firstLine(child)
  const answer = await fetch(`${url}/readyz`)
  if (!answer.ok) throw new Error(`/readyz answered ${answer.status}`)
  const seconds = (performance.now() - begun) / 1000
  await new Promise((resolve) => setTimeout(resolve, 3000))
  return {
    seconds,
    megabytes: await residentMegabytes(pid),
    stop: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.kill('SIGTERM')
      }),
  }
}

/** `up --json` says one line when it answers: {url, pid, …}. */
function firstLine(child: ChildProcess): Promise<Readonly<{ url: string; pid: number }>> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout!.setEncoding('utf8').on('data', (part: string) => {
      text += part
      const end = text.indexOf('\n')
      if (end >= 0) resolve(JSON.parse(text.slice(0, end)) as { url: string; pid: number })
    })
    child.once('exit', (code) => reject(new Error(`vigil up ended with ${code} before it answered`)))
  })
}

async function residentMegabytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024
}
