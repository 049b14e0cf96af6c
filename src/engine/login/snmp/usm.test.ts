import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ber, berInteger, berOid, tags } from '../../services/wire/ber.ts'
import { pduOf, readPlain, readScoped, readSecure, scopedPdu, secureMessage } from './message.ts'
import { decrypt, encrypt, isSigned, localKey, privacyKey, sign, type Cipher } from './usm.ts'
import { walk } from './walk.ts'

const engine = Buffer.from('000000000000000000000002', 'hex')

test('keys of passwords at an engine are those of RFC 3414, A.3, and of the two ways to make them longer', () => {
  assert.equal(localKey('MD5', 'maplesyrup', engine).toString('hex'), '526f5eed9fcce26f8964c2930787d82b')
  assert.equal(localKey('SHA', 'maplesyrup', engine).toString('hex'), '6695febc9288e36282235fc7151f128497b38f3f')
  const [one, other] = (['blumenthal', 'reeder'] as const).map((stretch) => privacyKey('SHA', 'AES-256', 'maplesyrup', engine, stretch).toString('hex'))
  assert.equal(one!.slice(0, 40), '6695febc9288e36282235fc7151f128497b38f3f')
  assert.equal(other!.slice(0, 40), one!.slice(0, 40))
  assert.equal(one!.length, 64)
  assert.notEqual(one, other)
})

test('what is signed and encrypted comes out as it went in, and not by another key', () => {
  const scoped = scopedPdu(engine, pduOf({ kind: 'bulk', oid: '1.3.6.1.2.1.1', rows: 10 }, 77))
  for (const cipher of ['DES', 'AES', 'AES-256'] satisfies Cipher[]) {
    const clock = { boots: 5, time: 1234 }
    const key = privacyKey('SHA-256', cipher, 'another-password', engine, 'blumenthal')
    const { salt, bytes: sealed } = encrypt(cipher, key, clock, scoped)
    const authKey = localKey('SHA-256', 'a-long-password', engine)
    const { bytes, digestAt } = secureMessage({ id: 77, engine, ...clock, user: 'somebody', signed: 24, sealed: true, salt }, sealed)
    bytes.set(sign('SHA-256', authKey, bytes), digestAt)
    const read = readSecure(bytes)
    assert.deepEqual([read?.id, read?.boots, read?.time, read?.user, read?.digestAt, read?.isSealed], [77, 5, 1234, 'somebody', digestAt, true])
    assert.equal(isSigned('SHA-256', authKey, bytes, digestAt), true)
    assert.equal(isSigned('SHA-256', localKey('SHA-256', 'not-the-password', engine), bytes, digestAt), false)
    assert.deepEqual(decrypt(cipher, key, clock, salt, read!.body)?.subarray(0, scoped.length), Buffer.from(scoped))
    assert.equal(readScoped(decrypt(cipher, key, { boots: 6, time: 1 }, Buffer.alloc(8), read!.body)!), null)
  }
})

test('messages cut anywhere are none, and never throw', () => {
  const { bytes } = secureMessage({ id: 1, engine, boots: 1, time: 1, user: 'u', signed: 0, sealed: false, salt: new Uint8Array() }, scopedPdu(engine, pduOf({ kind: 'get', oids: ['1.3.6.1'] }, 1)))
  for (let length = 0; length < bytes.length; length++) {
    assert.equal(readSecure(bytes.subarray(0, length)), null)
    assert.equal(readPlain(bytes.subarray(0, length)), null)
  }
})

test('a walk ends where the column ends, and leaves an agent that goes in circles or answers with nothing', async () => {
  const answering = (oids: readonly string[]) => ({ method: '', ask: async () => ({ kind: 'response' as const, id: 1, error: 0, bindings: oids.map((oid) => ({ oid, value: 1 })) }) })
  assert.deepEqual(await walk(answering(['1.3.1', '1.3.2', '1.4.1']), '1.3', 10), { rows: [{ index: [1], value: 1 }, { index: [2], value: 1 }], trouble: null })
  assert.match((await walk(answering(['1.3.1', '1.3.2']), '1.3', 10)).trouble ?? '', /circles/)
  assert.match((await walk(answering([]), '1.3', 10)).trouble ?? '', /nothing/)
  assert.match((await walk(answering(['1.3.1', '1.3.2']), '1.3', 1)).trouble ?? '', /more than 1/)
})

test('a value is read as what it is', () => {
  const binding = (oid: string, value: Uint8Array) => ber(tags.sequence, berOid(oid), value)
  const pdu = ber(0xa2, berInteger(9), berInteger(0), berInteger(0), ber(tags.sequence, binding('1.3.1', ber(tags.octets, 'text')), binding('1.3.2', berInteger(7, 0x42)), binding('1.3.3', ber(0x82)), binding('1.3.4', berOid('1.3.6.1'))))
  const said = readPlain(ber(tags.sequence, berInteger(1), ber(tags.octets, 'x'), pdu))
  assert.deepEqual(said?.bindings.map(({ value }) => value), [Buffer.from('text'), 7, null, '1.3.6.1'])
})
