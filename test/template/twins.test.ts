import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { serveTwins } from '../../bench/templates/serve.ts'
import type { Plan } from '#core/template/plan.ts'
import { libraryOf, lookTemplates } from '#engine/template/testing.ts'
import { openFeedInput } from '#formats/archive/open.ts'
import { nuclei } from '#formats/feed/nuclei/nuclei.ts'
import { templatePlans } from '#knowledge/import/template-plans.ts'

const feeds = process.env['VIGIL_FEEDS']

/** What must be among the findings of a twin, and how many requests it may get at most. */
const wanted: Readonly<Record<string, Readonly<{ found: readonly string[]; requests: number }>>> = {
  'nginx': { found: ['nginx-version', 'default-nginx-page'], requests: 400 },
  'plain': { found: ['security-txt'], requests: 400 },
  'wordpress': { found: ['wordpress-login', 'wp-user-enum', 'wordpress-debug-log', 'wordpress-xmlrpc-detect'], requests: 3000 },
  'grafana': { found: ['grafana-detect'], requests: 500 },
  'jenkins': { found: ['jenkins-detect', 'unauthenticated-jenkins', 'jenkins-script'], requests: 500 },
  'git': { found: ['git-config', 'ds-store-file'], requests: 400 },
  'one page': { found: [], requests: 400 },
}

test('all templates of the feed on board, a web server gets those that fit, and they find what is there', { skip: feeds === undefined && 'VIGIL_FEEDS names no folder of feeds' }, async () => {
  const file = (await readdir(feeds!, { recursive: true })).find((name) => /nuclei-templates[^/]*\.tar\.gz$/.test(name)) ?? assert.fail(`no templates in ${feeds}`)
  const compiler = templatePlans()
  const plans: Plan[] = []
  for await (const record of nuclei.read(await openFeedInput(join(feeds!, file)))) {
    if (record.record === 'file') compiler.keep(record)
    if (record.record !== 'template') continue
    const plan = compiler.compile(record)
    if (plan !== null && !('reason' in plan)) plans.push(plan)
  }
  assert.ok(plans.length > 9_500, `${plans.length} plans`)
  const library = libraryOf(plans)
  const served = await serveTwins()
  try {
    for (const { twin, port, requests } of served) {
      const expected = wanted[twin.name]
      if (expected === undefined) continue
      const looked = await lookTemplates(port, library)
      const found = new Set(looked.matches.map(({ data }) => data.template))
      for (const template of expected.found) assert.ok(found.has(template), `${twin.name} lacks ${template}: ${[...found].join(' ')}`)
      assert.ok(requests() <= expected.requests, `${twin.name} got ${requests()} requests`)
      for (const { data, proof } of looked.matches) assert.ok(proof!.control.length > 0 || proof!.controlNote !== undefined, `${data.template} has no control`)
      if (twin.name === 'one page') assert.ok(!looked.matches.some(({ data }) => /config|env|backup|exposure/.test(data.template)), [...found].join(' '))
    }
  } finally {
    for (const { close } of served) close()
  }
})
