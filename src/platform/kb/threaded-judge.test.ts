import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileJudge } from '#core/judge.ts'
import type { Observation } from '#core/observation.ts'
import type { Signature } from '#core/signature.ts'
import { threadedJudge } from './threaded-judge.ts'

const signature: Signature = {
  id: 1, version: 1, title: 'Open', category: 'Network services', severity: 5, type: 'confirmed', on: 'service', when: { field: 'version', is: '1' }, result: '{version}', cve: [], cwe: [],
  threat: '', impact: '', solution: '', references: [], products: [], published: '2026-01-01', changed: '2026-01-01',
}
const seen = (port: number, version: string): Observation =>
  ({ kind: 'service', at: { asset: 'a', address: '127.0.0.1', port, proto: 'tcp' }, seen: 1, by: 'service@1', data: { name: 'x', version, tls: false, facts: {} } })

test('a large batch is judged in the thread as a small one is here, several at once', async () => {
  const judge = threadedJudge([signature])
  const [here, single] = [judge([seen(1, '1'), seen(2, '2')]), compileJudge([signature])]
  assert.ok(Array.isArray(here))
  assert.deepEqual(here, single(seen(1, '1')))
  const batches = [0, 1, 2].map((batch) => Array.from({ length: 1000 }, (_, n) => seen(1 + n, n % 2 === batch % 2 ? '1' : '2')))
  const answers = batches.map((batch) => judge(batch))
  assert.ok(answers.every((answer) => answer instanceof Promise))
  for (const [place, answer] of (await Promise.all(answers)).entries()) assert.deepEqual(answer, batches[place]!.flatMap((one) => single(one)))
})
