import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Signature } from '#core/signature.ts'
import { checksByProbe, countChecks, sumLedgers, type CheckLedger } from './check-ledger.ts'
import { noAttempt, type Attempt } from './ledger.ts'

const signature = (id: number, on: string, ask?: string, name = 'redis'): Signature => ({ id, on, when: { field: 'name', is: name }, ...(ask === undefined ? {} : { ask: { path: ask } }) }) as never
const signatures = [signature(1, 'service'), signature(2, 'service'), signature(3, 'tls'), signature(4, 'http'), signature(5, 'http', '/a'), signature(6, 'http', '/b'), signature(7, 'setting')]
const checks = checksByProbe(signatures, [100, 101, 102], () => true)
const covered = (probe: string, numbers?: readonly number[]): Attempt['covered'][number] => ({ probe, ports: 'tcp:80', login: false, ...(numbers === undefined ? {} : { signatures: numbers }) })
const whole: Attempt = { covered: [covered('ports'), covered('service'), covered('tls'), covered('http'), covered('http-ask', [5]), covered('template', [100, 101])], failed: [], open: 'tcp:80' }

function balanced(ledger: CheckLedger): CheckLedger {
  const { total, found, tested, absent, untested } = ledger
  assert.equal(found + tested + absent + Object.values(untested).reduce((sum, count) => sum + count, 0), total)
  return ledger
}

test('every check of a look is found, tested, absent or untested, and the parts make the whole', () => {
  assert.deepEqual(balanced(countChecks(checks, whole, new Set([1, 5, 101]), 'scanned')), { total: 10, found: 3, tested: 4, absent: 2, untested: { 'no login': 1 } })
  const cut = { ...whole, covered: whole.covered.slice(0, 5), failed: [{ probe: 'template', ports: 'tcp:80', code: 'budget', text: '' }, { probe: 'tls', ports: 'tcp:443', code: 'timeout', text: '' }] }
  assert.deepEqual(balanced(countChecks(checks, cut, new Set(), 'partial')), { total: 10, found: 0, tested: 4, absent: 1, untested: { timeout: 1, budget: 3, 'no login': 1 } })
  assert.deepEqual(balanced(countChecks(checks, noAttempt, new Set(), 'dead')), { total: 10, found: 0, tested: 0, absent: 0, untested: { 'no answer': 10 } })
  // Remarks of the look: what the profile does not want is no trouble, and of some it is told how many were left.
  const remarks = (...list: (readonly [string, string])[]): Attempt => ({ ...whole, failed: list.map(([code, text]) => ({ probe: 'template', ports: 'tcp:80', code, text })) })
  assert.deepEqual(balanced(countChecks(checks, remarks(['intrusive', '7 templates'], ['unsent', '1 templates for no product']), new Set(), 'scanned')), { total: 10, found: 0, tested: 7, absent: 1, untested: { unsent: 1, 'no login': 1 } })
  assert.deepEqual(balanced(countChecks(checks, remarks(['unsent', '5000 templates'], ['callbacks', '3 templates']), new Set(), 'scanned')).untested, { unsent: 1, 'no login': 1 })
  // A page that could not be fetched: nobody knows what would have been asked there.
  const blind = { ...whole, covered: whole.covered.slice(0, 3), failed: [{ probe: 'http', ports: 'tcp:80', code: 'reset', text: '' }] }
  assert.deepEqual(balanced(countChecks(checks, blind, new Set(), 'scanned')).untested, { reset: 6, 'no login': 1 })
})

test('who looked at no UDP port has not looked for what speaks UDP alone', () => {
  const both = checksByProbe([signature(1, 'service'), signature(2, 'service', undefined, 'snmp')], [], () => true)
  assert.deepEqual(balanced(countChecks(both, { ...whole, covered: [covered('service'), { ...covered('udp'), ports: '' }] }, new Set(), 'scanned')), { total: 2, found: 0, tested: 1, absent: 0, untested: { 'not looked for': 1 } })
  assert.deepEqual(balanced(countChecks(both, { ...whole, covered: [covered('service'), { ...covered('udp'), ports: 'udp:161' }] }, new Set(), 'scanned')), { total: 2, found: 0, tested: 2, absent: 0, untested: {} })
})

test('checks that the profile does not want are no part of it, and ledgers of hosts add up', () => {
  const few = checksByProbe(signatures, [100], (check) => check === 1 || check === 100)
  const one = balanced(countChecks(few, whole, new Set([1]), 'scanned'))
  assert.deepEqual(one, { total: 2, found: 1, tested: 1, absent: 0, untested: {} })
  assert.deepEqual(balanced(sumLedgers([one, countChecks(few, noAttempt, new Set(), 'dead'), {}])), { total: 4, found: 1, tested: 1, absent: 0, untested: { 'no answer': 2 } })
})
