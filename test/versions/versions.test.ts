import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare } from '#core/version/scheme.ts'
import { versionPairs } from './pairs.ts'
import { readRecorded, recorded, recordedPairs } from './recorded.ts'
import { disagreements, liveTools, type Answers, type Pairs } from './tools.ts'

/** dpkg is a process a question, so it is asked less. */
const counts: Readonly<Record<string, number>> = { dpkg: 1500 }

for (const tool of liveTools) {
  test(`versions of ${tool.scheme} come in the order that ${tool.name} says`, async (t) => {
    const pairs = versionPairs(tool.scheme, counts[tool.scheme] ?? 20_000, 20_261_124)
    agree(pairs, (a, b) => compare(tool.scheme, a, b), await tool.ask(pairs))
    t.diagnostic(`${pairs.length} pairs asked, none told otherwise`)
  })
}

for (const one of recorded) {
  test(`versions of ${one.scheme} come in the order that ${one.name} said`, (t) => {
    const pairs = recordedPairs(one.scheme)
    // Maven takes a text without any digit for a version, we do not; Go's own toolchain spelling (1.21rc2) is none to its
    // modules, to us it is.
    const isOurs = one.scheme === 'maven' ? (text: string) => /\d/.test(text) : (text: string) => !/\d(rc|beta)\d+$/.test(text)
    const answers = readRecorded(one.scheme)
    const kept = pairs.map((pair, index) => [pair, answers[index]!] as const).filter(([[a, b]]) => isOurs(a) && isOurs(b))
    assert.ok(kept.length > pairs.length * 0.95)
    agree(kept.map(([pair]) => pair), (a, b) => compare(one.scheme, a, b), kept.map(([, answer]) => answer))
    t.diagnostic(`${kept.length} pairs compared, none told otherwise`)
  })
}

function agree(pairs: Pairs, ours: (a: string, b: string) => number | null, answers: Answers): void {
  const told = answers.filter((answer) => answer !== null && answer !== 0).length
  assert.ok(told > pairs.length * 0.2, `only ${told} of ${pairs.length} pairs are versions in an order: a comparison of nothing is not green`)
  assert.deepEqual(disagreements(pairs, ours, answers), [])
}
