import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { makeTenant, withStore } from '../../test/database.ts'
import { newId } from './id.ts'
import { loadKey, secretBox } from './secrets.ts'

test('a sealed value opens where it was sealed, and nowhere else', async (context) => {
  const { store } = await withStore(context)
  const [one, two] = [await makeTenant(store, 'One'), await makeTenant(store, 'Two')]
  const box = secretBox(randomBytes(32), newId, Date.now)
  const value = Buffer.from('correct horse')
  const sealed = await store.platform((tx) => box.seal(tx, one, 'credential:password:1', value))
  assert.equal(Buffer.from(sealed).includes(value), false)
  await store.platform(async (tx) => {
    assert.deepEqual(Buffer.from(await box.unseal(tx, one, 'credential:password:1', sealed)), value)
    await assert.rejects(box.unseal(tx, one, 'credential:password:2', sealed), /does not open/)
    await assert.rejects(box.unseal(tx, two, 'credential:password:1', sealed), /does not open/)
    const bent = Buffer.from(sealed)
    bent[20]! ^= 1
    await assert.rejects(box.unseal(tx, one, 'credential:password:1', bent), /does not open/)
    await assert.rejects(box.unseal(tx, one, 'credential:password:1', sealed.subarray(0, 8)), /unknown form/)
  })
})

test('another process with the key opens it, one with another key does not', async (context) => {
  const { store } = await withStore(context)
  const tenant = await makeTenant(store)
  const key = randomBytes(32)
  const sealed = await store.platform((tx) => secretBox(key, newId, Date.now).seal(tx, tenant, 'a:b:c', Buffer.from('x')))
  await store.platform(async (tx) => {
    assert.equal(Buffer.from(await secretBox(key, newId, Date.now).unseal(tx, tenant, 'a:b:c', sealed)).toString(), 'x')
    await assert.rejects(secretBox(randomBytes(32), newId, Date.now).unseal(tx, tenant, 'a:b:c', sealed), /does not open/)
  })
})

test('a data key of a rolled-back transaction is forgotten', async (context) => {
  const { store } = await withStore(context)
  const tenant = await makeTenant(store)
  const box = secretBox(randomBytes(32), newId, Date.now)
  await assert.rejects(store.platform(async (tx) => {
    await box.seal(tx, tenant, 'a:b:c', Buffer.from('lost'))
    throw new Error('roll back')
  }), /roll back/)
  const sealed = await store.platform((tx) => box.seal(tx, tenant, 'a:b:c', Buffer.from('kept')))
  const fresh = await store.platform((tx) => box.unseal(tx, tenant, 'a:b:c', sealed))
  assert.equal(Buffer.from(fresh).toString(), 'kept')
})

test('the key file is private, made once, and never made anew over sealed secrets', async (context) => {
  const folder = await mkdtemp(join(tmpdir(), 'vigil-key-'))
  context.after(() => rm(folder, { recursive: true }))
  await assert.rejects(loadKey(folder, false, {}), /is missing/)
  const key = await loadKey(folder, true, {})
  assert.equal((await stat(join(folder, 'secret.key'))).mode & 0o777, 0o600)
  assert.deepEqual(await loadKey(folder, false, {}), key)
  assert.match(await readFile(join(folder, 'secret.key'), 'utf8'), /^[A-Za-z0-9+/]{43}=\n$/)
  await writeFile(join(folder, 'secret.key'), 'short')
  await assert.rejects(loadKey(folder, true, {}), /is damaged/)
  await assert.rejects(loadKey(folder, true, { VIGIL_KEY: 'AAAA' }), /32 bytes/)
})
