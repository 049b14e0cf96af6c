import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { compileJudge } from '#core/judge.ts'
import { loadContent, loadEntries } from '#formats/content.ts'

const directory = fileURLToPath(new URL('../content', import.meta.url))
const { entries, problems, release } = await loadEntries(directory)
const signatures = entries.map((entry) => entry.signature)
const judge = compileJudge(signatures)

test('every content file is sound', async () => {
  assert.deepEqual(problems, [])
  assert.deepEqual(await loadContent(directory), { release, signatures, problems: [] })
})

test('every signature fires on its own fixtures and on none of its near twins', () => {
  const wrong: string[] = []
  for (const { file, signature, fires, spares } of entries) {
    for (const [index, seen] of fires.entries()) {
      const found = judge(seen).find((detection) => detection.signature === signature.id)
      if (found === undefined) wrong.push(`${file} ${signature.id} is silent on fires[${index}]`)
      else if (/\{[\w$]|undefined|NaN|\s\(\s*\)|\s{2}|[:=]\s*$/.test(found.result)) wrong.push(`${file} ${signature.id} fires[${index}] shows a hole: ${found.result}`)
    }
    for (const [index, seen] of spares.entries()) {
      if (judge(seen).some((detection) => detection.signature === signature.id)) wrong.push(`${file} ${signature.id} fires on spares[${index}]`)
    }
  }
  assert.deepEqual(wrong, [])
})
