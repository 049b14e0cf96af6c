import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Failure } from '../net.ts'
import { loopbackProfile } from '../testing.ts'
import { connectSweep } from './connect-sweep.ts'
import { rejection } from './failure.ts'

const answers: Readonly<Record<number, 'open' | Failure>> = {
  1: 'open',
  2: { failed: 'refused', text: 'connect: refused' },
  3: rejection({ by: '192.0.2.1', type: 3, code: 3 }, 'connect'),
  4: rejection(null, 'connect'),
  5: { failed: 'timeout', text: 'no connection' },
}

test('only what the host itself refused is closed: not what an ICMP error rejects, nor what nobody can tell; neither is asked again', async () => {
  const asked = new Map<number, number>()
  const net = {
    patience: () => 10,
    knock: async ({ port }: { port: number }) => {
      asked.set(port, (asked.get(port) ?? 0) + 1)
      return answers[port]!
    },
  }
  const found: string[] = []
  for await (const { state, ports, failure } of connectSweep(net, loopbackProfile, '192.0.2.1', [1, 2, 3, 4, 5], new AbortController().signal)) {
    for (const port of ports) found.push(`${port} ${state} ${failure?.failed ?? ''}`)
  }
  assert.deepEqual(found.sort(), ['1 open ', '2 closed ', '3 rejected unreachable', '4 rejected unreachable', '5 silent timeout'])
  assert.deepEqual([...asked].filter(([, times]) => times > 1).map(([port]) => port), [5])
})
