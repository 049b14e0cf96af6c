import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { openPlatformChannel } from '#platform/scan/channel.ts'
import { registerBuiltIn } from '#platform/scanner/registry.ts'
import { newId } from '#store/id.ts'
import { rejudgeWorld } from './rejudge-world.ts'

const slice = fileURLToPath(new URL('feeds/recog', import.meta.url))

test('fingerprints of a release reach scanners with the checks, without a restart, and only when they are others', async (t) => {
  const world = await rejudgeWorld(t)
  const { store, knowledge } = world
  const platform = await openPlatformChannel({ store, knowledge: () => knowledge.ofLine('general'), fingerprints: () => knowledge.inForce().fingerprints })
  knowledge.heard(() => platform.swapped())
  try {
    const id = newId()
    await store.platform((tx) => registerBuiltIn(tx, id, 'Built-in', 4, Date.now()))
    const scanner = platform.of({ id, tenant: null, network: null })
    const before = await scanner.content('')
    assert.equal(before!.fingerprints, undefined)
    // A scanner that waits for work is answered when the fingerprints are others, so that it fetches them.
    const waiting = scanner.lease({ id, software: '1', content: before!.release, holds: [], capacity: 1 }, 1, AbortSignal.timeout(20_000))
    await world.kb.build([{ source: 'recog', paths: [slice] }], { force: true })
    await knowledge.refresh()
    assert.deepEqual(await waiting, [])
    const after = await scanner.content(before!.release)
    assert.deepEqual(after!.fingerprints!.map(({ file, order, examples }) => `${file} ${order} ${examples.length}`), [
      'http_servers.xml 0 0', 'ssh_banners.xml 0 0', 'ssh_banners.xml 1 0', 'ssh_banners.xml 2 0', 'telnet_banners.xml 0 0',
    ])
    assert.deepEqual(after!.signatures, before!.signatures)
    assert.equal(await scanner.content(after!.release), null)
  } finally {
    await platform.stop()
  }
})
