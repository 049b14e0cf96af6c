import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redis } from '#lab/services/stores.ts'
import { assertAccessible, assertFits, holds, settled, shot } from './browser.ts'
import { openService, register, scanNow, signUp, startConsole, story } from './console-world.ts'
import { buildKnowledge, knownOfRedis, knownOfWidget } from './knowledge-world.ts'
import { until } from '../story/platform.ts'

const host = '127.74.0.1'

test('the KnowledgeBase in the console: searched, read, applied to hosts, adjusted', async (context) => {
  const world = await startConsole(context)
  const { page, complaints, call } = await signUp(world)
  const service = await openService(redis, host)
  context.after(service.stop)
  await register(call, host)
  await scanNow(call, host, '6379')
  const { items } = await call.get<{ items: { id: string }[] }>('/assets')
  const asset = items[0]!.id
  const step = story(context, page)

  await step('with no public source, the next step is one command', async () => {
    await page.goto(`${world.url}/checks`)
    await page.waitForURL(/\/kb\/checks/)
    await page.goto(`${world.url}/kb`)
    await page.waitForURL(/\/kb\/vulnerabilities/)
    await page.getByRole('heading', { level: 1, name: 'KnowledgeBase' }).waitFor()
    await page.getByText('No public sources yet').waitFor()
    await page.getByText('./vigil kb sync').waitFor()
  })

  await step('a release comes into force while the page is open', async () => {
    const release = await buildKnowledge(world.data, call)
    await page.getByText(release).waitFor()
    await page.getByRole('grid', { name: 'Vulnerabilities' }).getByText(knownOfRedis).waitFor()
  })

  await step('a search narrows, a typo is understood, and the keyboard opens what was found', async () => {
    const bar = page.getByRole('combobox', { name: 'Search vulnerabilities' })
    await page.keyboard.press('/')
    await holds(page, 'document.activeElement?.getAttribute("aria-label") === "Search vulnerabilities"')
    await page.keyboard.type('expl')
    await page.getByRole('option', { name: /exploited:/ }).waitFor()
    await bar.fill('rediss')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'redis', exact: true }).click()
    await page.waitForURL(/q=redis$/)
    await bar.fill('redis exploited:true')
    await page.keyboard.press('Enter')
    await page.waitForURL(/exploited:true/)
    await page.getByText('1 vulnerability', { exact: true }).waitFor()
    // From anywhere on the page: the letters walk the list, and Enter opens the row.
    await page.evaluate('document.activeElement.blur()')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(new RegExp(`/kb/vulnerabilities/${knownOfRedis}$`))
  })

  await step('a vulnerability says how bad and how near it is, by whose word, and who has it', async () => {
    await page.getByRole('heading', { level: 1, name: knownOfRedis }).waitFor()
    const strip = page.locator('dl[aria-label="How bad and how near"]')
    await strip.getByText('9.8', { exact: true }).waitFor()
    await strip.getByText('94%').waitFor()
    await strip.getByText('CISA KEV').waitFor()
    await page.getByRole('region', { name: 'Affected versions' }).getByText('before 7.2.9').waitFor()
    await page.getByRole('region', { name: 'What each source says' }).getByText('NVD', { exact: true }).waitFor()
    await page.getByText('Apply updates.').waitFor()
    // What the scan saw before the release was there is enough: no packet was sent since.
    const exposure = page.getByRole('region', { name: 'Your exposure' })
    await exposure.getByRole('link', { name: host }).waitFor()
    await exposure.getByText('Still there').waitFor()
    await page.getByLabel('On', { exact: true }).fill('2020-03-03')
    await page.getByText('Nobody can say').waitFor()
  })

  await step('the finding says that it was judged over what was stored, and offers the test', async () => {
    type Findings = { items: { id: string; via: unknown }[] }
    const found = await until(
      () => call.get<Findings>(`/findings?q=cve:${knownOfRedis}`),
      (one) => one.items.length > 0,
    )
    assert.notEqual(found.items[0]!.via, null)
    await page.goto(`${world.url}/findings?q=cve:${knownOfRedis}&open=${found.items[0]!.id}`)
    const panel = page.getByRole('complementary', { name: 'Finding' })
    await panel.getByText('judged over a stored observation').waitFor()
    await panel.getByText('Exploited', { exact: true }).waitFor()
    await panel.getByRole('row', { name: /Known exploited.*CISA KEV/ }).waitFor()
    await panel.getByRole('button', { name: 'Test now' }).click()
    await panel.getByText(/Still there\.|Could not be tested\./).waitFor()
  })

  await step('threats that are open here come first, at home too', async () => {
    await page.goto(`${world.url}/kb/threats`)
    await page.getByText('1 known exploited vulnerability open on 1 host').waitFor()
    await page.getByRole('link', { name: knownOfRedis }).first().waitFor()
    await page.goto(world.url)
    await page.getByRole('link', { name: knownOfRedis, exact: true }).first().waitFor()
    await page.getByText(/Do these \d+ and risk falls by/).waitFor()
  })

  await step('a package list is dropped, matched at once, and its vulnerability leads on', async () => {
    await page.goto(`${world.url}/assets/${asset}?tab=software`)
    await page.getByText('redis redis').waitFor()
    await page.getByRole('button', { name: 'Upload packages' }).click()
    const dialog = page.getByRole('dialog', { name: 'Upload a package list' })
    const list = 'widget\t1.2-1\tamd64\twidget\t1.2-1\tii \nhello\t2.10-3\tamd64\thello\t2.10-3\tii \n'
    await dialog.locator('input[type=file]').setInputFiles({ name: 'packages.txt', mimeType: 'text/plain', buffer: Buffer.from(list) })
    await dialog.getByText(/packages\.txt/).waitFor()
    await dialog.getByLabel('Distribution').fill('Debian:12')
    await dialog.getByRole('button', { name: 'Upload packages' }).click()
    await dialog.getByText('2 packages are known of this origin now').waitFor()
    await dialog.getByText(/^1 new/).waitFor()
    await dialog.getByRole('button', { name: 'Done' }).click()
    const row = page.getByRole('row').filter({ hasText: 'widget' })
    await row.getByRole('link', { name: '1', exact: true }).click()
    await page.waitForURL(/package:widget/)
    await page.getByRole('grid', { name: 'Findings' }).getByText(/widget/i).first().waitFor()
    await page.goto(`${world.url}/kb/vulnerabilities/${knownOfWidget}`)
    await page.getByText('widget 1.2-1').waitFor()
  })

  await step('a check tells its rule; the organisation rates it otherwise, and what was published stays in sight', async () => {
    await page.goto(`${world.url}/kb/checks/40101`)
    await page.getByText('name is “redis”').waitFor()
    await page.getByRole('button', { name: 'As written' }).click()
    await page.getByText('"on": "service"').waitFor()
    await page.getByRole('button', { name: 'Adjust' }).click()
    const dialog = page.getByRole('dialog', { name: 'Adjust' })
    await dialog.getByRole('combobox', { name: 'Severity' }).click()
    await page.getByRole('option', { name: 'Medium' }).click()
    await dialog.getByLabel('Why').fill('Nobody but the shop reaches it')
    await dialog.getByLabel('Comment on how to fix it').fill('Ask Grace:\n  ansible-playbook redis.yml')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'hidden' })
    const view = page.getByRole('region', { name: 'Your organisation’s view' })
    await view.getByText('Rated Medium in this organisation').waitFor()
    await view.getByText('in place of Urgent').waitFor()
    await page.getByText('ansible-playbook redis.yml').waitFor()
  })

  await step('a list is counted while it is typed, and kept', async () => {
    await page.goto(`${world.url}/kb/lists`)
    await page.getByRole('button', { name: 'New search list' }).click()
    const dialog = page.getByRole('dialog', { name: 'New search list' })
    await dialog.getByLabel('Name', { exact: true }).fill('Stores')
    await dialog.getByLabel('Query', { exact: true }).fill('product:redis')
    await dialog.getByText(/^Holds [1-9]/).waitFor()
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('button', { name: 'Stores' }).waitFor()
    await page.getByText('list:Stores').waitFor()
  })

  await step('one key finds a vulnerability and the pages of the room', async () => {
    await page.keyboard.press('Control+k')
    await page.keyboard.type(knownOfRedis)
    await page.getByRole('group', { name: 'Vulnerabilities' }).getByRole('option').first().waitFor()
    await page.keyboard.press('Escape')
    const palette = page.getByRole('dialog', { name: 'Search or run a command' })
    await palette.waitFor({ state: 'hidden' })
    await page.keyboard.press('Control+k')
    await palette.getByRole('combobox').waitFor()
    await page.keyboard.type('Top 10')
    await page.getByRole('option', { name: /^Top 10/, selected: true }).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/kb\/top10/)
    await page.getByText('Hosts tested in the last').waitFor()
  })

  await step('every page of the room: no complaint, nothing serious for axe, nothing wider than the screen', async () => {
    const paths = [
      '/kb/vulnerabilities', `/kb/vulnerabilities/${knownOfRedis}`, '/kb/checks', '/kb/checks?q=kind:template', '/kb/checks/40101', '/kb/threats', '/kb/top10',
      '/kb/top10?of=platform', '/kb/updates', '/kb/sources', '/kb/lists', '/kb/releases', '/kb/drafts', `/assets/${asset}?tab=software`,
    ]
    const failures: string[] = []
    for (const size of ['wide', 'narrow'] as const) {
      const opened = await world.browser.open({ size, state: await page.context().storageState() })
      for (const theme of ['light', 'dark'] as const) {
        await opened.page.emulateMedia({ colorScheme: theme })
        for (const path of paths) {
          await opened.page.goto(world.url + path)
          await opened.page.locator(`html[data-theme=${theme}]`).waitFor()
          await settled(opened.page)
          await holds(opened.page, 'document.getAnimations().length === 0')
          await shot(opened.page, `knowledge${path.replaceAll(/[^a-z0-9]+/gi, '-').slice(0, 40)}-${size}-${theme}`)
          for (const look of [assertFits, assertAccessible])
            await look(opened.page, `${path} ${size} ${theme}`).catch((error: Error) => failures.push(error.message))
          failures.push(...opened.complaints.splice(0).map((one) => `${path} ${size}: ${one}`))
        }
      }
      await opened.context.close()
    }
    assert.deepEqual(failures, [])
  })

  // A query that is counted while it is typed may be asked about half-typed: then it is refused, and the line under it says why.
  assert.deepEqual(complaints.filter((one) => !/status of 400 .*\/kb\/lists\)$/.test(one)), [])
})
