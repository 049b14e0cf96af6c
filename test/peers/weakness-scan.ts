import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunningPeer } from './peer.ts'
import { authority, run } from './system.ts'
import { weaknesses, type Starting, type Weakness } from './weaknesses.ts'

/**
 * Runs inside a network namespace of its own, where every usual port of loopback is free: starts the peers of each row, scans them with the
 * command a user would type, and prints one JSON line a row. The test beside it starts this and judges.
 */
export type Line = Readonly<{ id: number; severity: number; type: string; title: string; port: number; proto: string; ip: string; evidence: Readonly<{ result: string; received: string }> }>
export type Outcome = Readonly<{ name: string; weak: readonly Line[]; hardened: readonly Line[]; said: string; error: string }>

const program = fileURLToPath(new URL('../../bin/vigil.js', import.meta.url))

async function main(): Promise<void> {
  const wanted = process.argv[2]
  const rows = weaknesses.map((row, index) => ({ row, index })).filter(({ row }) => wanted === undefined || row.weak.name.includes(wanted))
  const next = rows[Symbol.iterator]()
  // Two at a time: most of a scan is waiting.
  await Promise.all([1, 2].map(async () => {
    for (const { row, index } of next) {
      const outcome = await examine(row, index)
      process.stdout.write(`${JSON.stringify(outcome)}\n`)
    }
  }))
}

async function examine(row: Weakness, index: number): Promise<Outcome> {
  const weakAt = row.address ?? `127.9.${index + 1}.1`
  const hardenedAt = row.address ?? `127.9.${index + 1}.2`
  const running: RunningPeer[] = []
  const begin = async (peer: Starting | undefined, address: string, port: number): Promise<void> => {
    if (peer === undefined) return
    if (row.interface === true) await run(['ip', 'address', 'add', `${address}/32`, 'dev', 'lo'])
    running.push(await peer.start({ address, port, ...(row.more === undefined ? {} : { more: row.more }) }))
  }
  const end = async (): Promise<void> => {
    for (const peer of running.splice(0)) await peer.stop()
  }
  try {
    await begin(row.weak, weakAt, row.port)
    if (row.apart === true) {
      const first = await scan(row, [weakAt])
      await end()
      await begin(row.hardened, hardenedAt, row.hardenedPort ?? row.port)
      const second = await scan(row, [hardenedAt])
      return { name: row.weak.name, weak: first.lines, hardened: second.lines, said: first.said + second.said, error: '' }
    }
    await begin(row.hardened, hardenedAt, row.hardenedPort ?? row.port)
    const result = await scan(row, row.hardened === undefined ? [weakAt] : [weakAt, hardenedAt])
    return { name: row.weak.name, weak: result.lines.filter((line) => line.ip === weakAt), hardened: result.lines.filter((line) => line.ip === hardenedAt), said: result.said, error: '' }
  } catch (error) {
    return { name: row.weak.name, weak: [], hardened: [], said: '', error: error instanceof Error ? error.message : String(error) }
  } finally {
    await end()
  }
}

function scan(row: Weakness, addresses: readonly string[]): Promise<{ lines: readonly Line[]; said: string }> {
  const tcp = [...new Set([row.port, row.hardenedPort ?? row.port, ...(row.more ?? [])])].join(',')
  const args = ['scan', ...addresses, '--alive', '--format', 'jsonl', '--ports', tcp, '--udp', row.udp === true ? String(row.port) : 'none']
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [program, ...args], { env: { ...process.env, NODE_EXTRA_CA_CERTS: join(authority(), 'ca.crt') }, maxBuffer: 16 * 1024 * 1024, timeout: 120_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.code
      // 3: something was not tested, which the test wants to hear of.
      if (code !== 0 && code !== 3) reject(new Error(`vigil ${args.join(' ')}: exit ${code}\n${stdout}${stderr}`))
      else resolve({ lines: stdout.split('\n').filter((line) => line !== '').map(lineOf), said: stderr.split('\n').filter((line) => line.includes('not tested')).join('\n') })
    })
  })
}

function lineOf(text: string): Line {
  const line: unknown = JSON.parse(text)
  if (!isLine(line)) throw new Error(`not a finding: ${text}`)
  return line
}

function isLine(value: unknown): value is Line {
  return typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'number' && 'ip' in value && 'severity' in value && 'evidence' in value
}

await main()
