import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { openFeedInput } from '#formats/archive/open.ts'
import { nuclei } from '#formats/feed/nuclei/nuclei.ts'
import { templatePlans } from '#knowledge/import/template-plans.ts'

const feeds = process.env['VIGIL_FEEDS']
/** Never asked of a target: other programs, files of a host, lists of templates, what speaks to somebody else. */
const elsewhere = new Set(['code', 'workflow', 'self-contained', 'file'])

test('of the templates of the feed all are read, and 97 of 100 that speak to a target become plans', { skip: feeds === undefined && 'VIGIL_FEEDS names no folder of feeds' }, async () => {
  const file = (await readdir(feeds!, { recursive: true })).find((name) => /nuclei-templates[^/]*\.tar\.gz$/.test(name)) ?? assert.fail(`no templates in ${feeds}`)
  const plans = templatePlans()
  const refused = new Map<string, number>()
  let [read, remote, compiled, run] = [0, 0, 0, 0]
  for await (const record of nuclei.read(await openFeedInput(join(feeds!, file)))) {
    if (record.record === 'file') plans.keep(record)
    if (record.record !== 'template') continue
    read += 1
    if (record.unsupported !== undefined && elsewhere.has(record.unsupported)) continue
    remote += 1
    const plan = plans.compile(record) ?? { reason: record.unsupported!, text: '' }
    if ('reason' in plan) refused.set(plan.reason, (refused.get(plan.reason) ?? 0) + 1)
    else {
      compiled += 1
      if (plan.effect !== 'dos') run += 1
    }
  }
  const told = JSON.stringify({ read, remote, compiled, run, refused: Object.fromEntries(refused) })
  assert.equal(read, 12_534, told)
  assert.equal(remote, 10_002, told)
  assert.ok(compiled / remote >= 0.97 && run / remote >= 0.97, told)
  assert.ok((refused.get('headless') ?? 0) + (refused.get('fuzzing') ?? 0) > (remote - compiled) * 0.9, told)
})
