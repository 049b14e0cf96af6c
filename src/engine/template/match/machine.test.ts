import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsePattern } from '#core/template/pattern/parse.ts'
import { programOf } from '#core/template/pattern/program.ts'
import { buildMachine } from './machine.ts'

const machineOf = (patterns: readonly string[], cells?: number): ReturnType<typeof buildMachine> => buildMachine(patterns.map((pattern) => programOf(parsePattern(pattern))!), cells)
const hitsOf = (machine: ReturnType<typeof buildMachine>, body: string): readonly number[] | null => {
  const hits = machine.over(Buffer.from(body, 'latin1'), body.length)
  return hits === null ? null : [...hits]
}

test('a machine finds which of many patterns match', () => {
  const machine = machineOf(['a+b', '^b', 'b$', '\\bab\\b', '', 'x{3}|y.z', '(?m)^#', '[^\\s]é'])
  assert.deepEqual(hitsOf(machine, 'aab'), [1, 0, 1, 0, 1, 0, 0, 0])
  assert.deepEqual(hitsOf(machine, 'b ab\n#'), [1, 1, 0, 1, 1, 0, 1, 0])
  assert.deepEqual(hitsOf(machine, 'y\xc3\xa9z'), [0, 0, 0, 0, 1, 1, 0, 1])
  assert.deepEqual(hitsOf(machine, ''), [0, 0, 0, 0, 1, 0, 0, 0])
})

test('one that has no room for its states begins anew and finds the same', () => {
  const patterns = ['a[ab]{6}c', 'b[ab]{7}c', 'cc']
  const [small, large] = [machineOf(patterns, 0), machineOf(patterns)]
  let hits = 0
  let seed = 1
  for (let round = 0; round < 50; round++) {
    const body = Array.from({ length: 300 }, () => 'abababac'[(seed = (seed * 48_271) % 2_147_483_647) % 8]).join('')
    const found = hitsOf(small, body)
    assert.deepEqual(found, hitsOf(large, body))
    assert.deepEqual(found, patterns.map((pattern) => (new RegExp(pattern).test(body) ? 1 : 0)))
    hits += found?.filter((one) => one === 1).length ?? 0
  }
  assert.ok(hits > 50, `${hits}`)
})

test('a page that makes a state of each byte is left to the patterns, and a machine that meets only such pages does no more', () => {
  // After so many letters it has to know of each of the last eighteen whether it was an a.
  const machine = machineOf(['a[ab]{18}c'])
  let seed = 1
  const hostile = (): string => Array.from({ length: 60_000 }, () => 'ab'[(seed = (seed * 48_271) % 2_147_483_647) % 2]).join('')
  assert.equal(hitsOf(machine, hostile()), null)
  assert.deepEqual(hitsOf(machine, `a${'b'.repeat(18)}c`), [1])
  for (let page = 0; page < 20; page++) hitsOf(machine, hostile())
  assert.equal(hitsOf(machine, 'b'), null)
})

test('what would make too long a program, or asks for ends of lines, has none', () => {
  assert.equal(programOf(parsePattern('(?:[a-z]{40}){40}')), null)
  assert.equal(programOf(parsePattern('(?m)a$')), null)
  assert.notEqual(programOf(parsePattern('a$')), null)
})
