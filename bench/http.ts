import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Figure } from '../src/command/bench.ts'
import { startNginx } from './http/nginx.ts'
import { timed } from './scan/timed.ts'
import { median } from './statistics.ts'

const runs = 5
const connections = 64
const requests = 60_000
const words = 20_000
const shakes = 400
const quiet = '--disable-warning=ExperimentalWarning'

/** CPU per request of the complete client over 64 kept connections, beside wrk and ffuf, and of a full TLS handshake beside `openssl s_time`; in turns, against one nginx on loopback. */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const nginx = await startNginx()
  const directory = await mkdtemp(join(tmpdir(), 'vigil-bench-ffuf-'))
  const list = join(directory, 'words')
  const url = `http://127.0.0.1:${nginx.port}/index.html`
  const costs: Record<'ours' | 'wrk' | 'ffuf' | 'shake' | 'openssl', number[]> = { ours: [], wrk: [], ffuf: [], shake: [], openssl: [] }
  try {
    await writeFile(list, Array.from({ length: words }, (_, index) => `${index}\n`).join(''))
    for (let run = 0; run < runs; run++) {
      const ours = JSON.parse((await timed(process.execPath, [quiet, program('client'), String(nginx.port), String(requests), String(connections)])).out) as { micros: number; wrong: number }
      if (ours.wrong > 0) throw new Error(`${ours.wrong} answers were not the page`)
      costs.ours.push(ours.micros)
      const wrk = await timed('wrk', ['-t', '1', '-c', String(connections), '-d', '3', url])
      costs.wrk.push((wrk.cpu * 1e6) / Number(/(\d+) requests in/.exec(wrk.out)![1]))
      const ffuf = await timed('ffuf', ['-s', '-t', String(connections), '-w', list, '-u', `${url}?FUZZ`, '-fc', '200'])
      costs.ffuf.push((ffuf.cpu * 1e6) / words)
      costs.shake.push((JSON.parse((await timed(process.execPath, [quiet, program('handshakes'), String(nginx.tlsPort), String(shakes)])).out) as { millis: number }).millis)
      const openssl = await timed('openssl', ['s_time', '-connect', `127.0.0.1:${nginx.tlsPort}`, '-new', '-time', '2'])
      costs.openssl.push((openssl.cpu * 1000) / Number(/^(\d+) connections in \d+ real seconds/m.exec(openssl.out)?.[1] ?? Number.NaN))
    }
  } finally {
    await nginx.stop()
    await rm(directory, { recursive: true, force: true })
  }
  const say = (metric: string, unit: string, mine: number, peer: number, name: string, most: number, goal: string): void =>
    tell({ bench: 'http', metric, value: mine, unit, peer: `${name} (${peer.toPrecision(3)} ${unit})`, ratio: mine / peer, goal, holds: mine / peer <= most, runs })
  say('keep-alive, 64 connections, CPU per request', 'µs', median(costs.ours), median(costs.wrk), 'wrk', 1.2, '≤ 1.2 × wrk')
  say('keep-alive, 64 connections, CPU per request', 'µs', median(costs.ours), median(costs.ffuf), 'ffuf, its start included', 1 / 3, '≥ 3 × less than ffuf')
  say('full TLS handshake, CPU', 'ms', median(costs.shake), median(costs.openssl), 'openssl s_time', 1.5, '≤ 1.5 × openssl')
}

function program(name: string): string {
  return fileURLToPath(new URL(`./http/${name}.ts`, import.meta.url))
}
