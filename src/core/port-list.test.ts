import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { countList, quickPorts, standardPorts, udpPorts } from './port-list.ts'
import { eachPort, formatPorts, hasPort, joinPorts, parsePorts, portsOf, withoutPorts } from './port-set.ts'
import { profiles } from './profile.ts'

test('the stock lists are as long as they are said to be, and each holds the smaller one', () => {
  assert.ok(Math.abs(countList(quickPorts) - 160) <= 10, String(countList(quickPorts)))
  assert.ok(Math.abs(countList(standardPorts) - 2000) <= 200, String(countList(standardPorts)))
  assert.equal(countList(profiles.full.tcp), 65_535)
  const standard = parsePorts(standardPorts)
  for (const port of eachPort(parsePorts(quickPorts))) assert.ok(hasPort(standard, port), String(port))
  for (const port of [53, 69, 123, 161, 11_211]) assert.ok(hasPort(parsePorts(udpPorts), port), String(port))
})

test('taking ports out of a set leaves exactly the others', () => {
  const port = fc.integer({ min: 1, max: 60 })
  fc.assert(fc.property(fc.array(port), fc.array(port), (list, holes) => {
    const rest = withoutPorts(portsOf(list), holes)
    const expected = [...new Set(list)].filter((each) => !holes.includes(each)).sort((a, b) => a - b)
    assert.deepEqual([...eachPort(rest)], expected)
    assert.deepEqual(parsePorts(formatPorts(rest)), rest)
  }))
})

test('sets joined hold each port of each, once', () => {
  const port = fc.integer({ min: 1, max: 60 })
  fc.assert(fc.property(fc.array(fc.array(port)), (lists) => {
    const joined = joinPorts(lists.map((list) => portsOf(list)))
    assert.deepEqual([...eachPort(joined)], [...new Set(lists.flat())].sort((a, b) => a - b))
    assert.deepEqual(parsePorts(formatPorts(joined)), joined)
  }))
})
