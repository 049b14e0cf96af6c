import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { compileFingerprints } from '#core/fingerprint/fingerprints.ts'
import type { Fingerprint } from '#core/knowledge/record.ts'
import { openFeedInput } from '#formats/archive/open.ts'
import { recog } from '#formats/feed/recog/recog.ts'

/** The whole of recog in its place: `node bench/fingerprints.ts FILE`. */
test('each example of a file of fingerprints is matched by its own pattern, which is also the first that matches', async () => {
  const list: Fingerprint[] = []
  const input = await openFeedInput(fileURLToPath(new URL('feeds/recog', import.meta.url)))
  for await (const record of recog.read(input)) if (record.record === 'fingerprint') list.push(record)
  const all = compileFingerprints(list)
  assert.deepEqual(all.unusable(), [])
  let examples = 0
  for (const fingerprint of list) {
    for (const { text, base64, expect } of fingerprint.examples) {
      const found = all.find(fingerprint.matches, base64 ? Buffer.from(text, 'base64').toString() : text)
      assert.equal(found?.fingerprint, fingerprint, text)
      for (const [name, value] of Object.entries(expect)) assert.equal(found.params.get(name), value, `${text}: ${name}`)
      examples += 1
    }
  }
  assert.equal(examples, 8)
})
