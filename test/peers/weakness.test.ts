import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Line, Outcome } from './weakness-scan.ts'
import { installed } from './system.ts'
import { weaknesses } from './weaknesses.ts'

const outcomes = new Map<string, Outcome>()
let errors = ''

/**
 * Every usual port of loopback, for us alone: whatever else this machine runs is neither in the way nor scanned. The further address is never
 * spoken to; without one the resolver of the C library takes the machine for one without IPv4, and tftpd does not start.
 */
const ownNetwork = 'ip link set lo up && ip address add 192.0.2.1/32 dev lo && echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start && exec "$@"'

before(async () => {
  assert.equal(process.getuid?.(), 0, 'this test makes a network namespace and starts daemons: run it as root')
  await installed(['iproute2', 'openssl', ...new Set(weaknesses.flatMap((row) => [...row.weak.packages, ...row.hardened?.packages ?? []]))])
  const child = spawn('unshare', ['--net', 'sh', '-c', ownNetwork, 'sh', process.execPath, '--disable-warning=ExperimentalWarning', fileURLToPath(new URL('weakness-scan.ts', import.meta.url))], { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stderr.on('data', (bytes: Buffer) => { errors = (errors + bytes.toString()).slice(-20_000) })
  for await (const line of createInterface({ input: child.stdout })) {
    const outcome: Outcome = JSON.parse(line)
    outcomes.set(outcome.name, outcome)
  }
})

test('at least 20 real daemons have a hardened twin', () => {
  assert.ok(weaknesses.filter((row) => row.weak.real && row.hardened !== undefined).length >= 20)
})

for (const row of weaknesses) {
  test(`${row.weak.name}: every weakness named${row.hardened === undefined ? '' : ', nothing on its twin'}`, () => {
    const outcome = outcomes.get(row.weak.name)
    assert.ok(outcome !== undefined, `it was not looked at:\n${errors}`)
    assert.equal(outcome.error, '')
    assert.equal(outcome.said, '', 'everything was tested')
    const found = new Set(outcome.weak.map((line) => line.id))
    assert.deepEqual(row.expect.filter((id) => !found.has(id)), [], `missing; found: ${describe(outcome.weak)}`)
    for (const line of outcome.weak.filter((one) => row.expect.includes(one.id))) assert.notEqual(line.evidence.result, '', `${line.id} shows its proof`)
    assert.equal(describe(outcome.hardened.filter((line) => line.type !== 'information' && line.severity >= 2)), '')
  })
}

function describe(lines: readonly Line[]): string {
  return lines.map((line) => `${line.id} (${line.severity} ${line.type}, ${line.port}/${line.proto}) ${line.title}: ${line.evidence.result}`).join('\n')
}
