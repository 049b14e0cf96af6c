import assert from 'node:assert/strict'
import { test } from 'node:test'
import { needsDefaults } from './default-facts.ts'

test('a check needs default logins where it reads what only they tell, of the service that tells it', () => {
  const of = (name: string, field: string): boolean => needsDefaults({ on: 'service', when: { all: [{ field: 'name', is: name }, { any: [{ field, is: true }] }] } })
  assert.deepEqual([of('mysql', 'facts.rootWithoutPassword'), of('mysql', 'facts.anonymous'), of('snmp', 'facts.communities'), of('amqp', 'facts.guestLogin'), of('ipmi', 'facts.cipherZero')], [true, true, true, true, true])
  assert.deepEqual([of('ftp', 'facts.anonymous'), of('redis', 'facts.auth'), of('ipmi', 'facts.anonymous'), of('mysql', 'facts.oldPasswords')], [false, false, false, false])
})
