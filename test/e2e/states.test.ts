import assert from 'node:assert/strict'
import { test } from 'node:test'
import { site } from '#lab/services/web.ts'
import { assertAccessible, assertFits, holds, settled, shot } from './browser.ts'
import { openService, register, scanNow, signUp, startRestartable, story } from './console-world.ts'

const hosts = Array.from({ length: 64 }, (_, index) => `127.77.0.${index + 1}`)

test('nothing yet, very much, and a platform that is away', async (context) => {
  const world = await startRestartable(context)
  const { page, complaints, call } = await signUp(world)
  const step = story(context, page)

  await step('every empty page says what comes next, and leads there', async () => {
    for (const [path, text, action] of [
      ['/', 'Nothing is watched yet', 'Begin'],
      ['/findings', 'No open findings', 'Start a scan'],
      ['/assets', 'No hosts yet', 'Add addresses'],
      ['/assets?tab=addresses', 'No addresses registered', 'Add addresses'],
      ['/assets?tab=groups', 'No groups yet', 'New group'],
      ['/assets?tab=exclusions', 'Nothing is excluded', 'New exclusion'],
      ['/scans', 'No scans yet', 'Start a scan'],
      ['/scans?tab=schedules', 'No schedules yet', 'New schedule'],
      ['/reports', 'No reports yet', 'Create a report'],
      ['/settings/tokens', 'No tokens', 'New token'],
      ['/settings/units', 'No business units', 'New unit'],
      ['/settings/security', 'No passkeys', 'Add passkey'],
    ] as const) {
      await page.goto(world.url + path)
      await page.getByText(text, { exact: true }).waitFor()
      const main = page.locator('main')
      await main
        .getByRole('button', { name: action })
        .or(main.getByRole('link', { name: action }))
        .first()
        .waitFor()
      await assertAccessible(page, `${path}, empty`)
      await shot(page, `empty${path.replaceAll(/[^a-z0-9]+/g, '-')}`)
    }
    await page.goto(world.url)
    await page.getByRole('link', { name: 'Begin' }).click()
    await page.getByRole('heading', { name: 'What is yours?' }).waitFor()
  })

  await step('a query that fits nothing, and one that can’t be read, say so', async () => {
    await page.goto(`${world.url}/findings?q=port:1`)
    await page.getByText('Nothing matches').waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await page.waitForURL((url) => !url.searchParams.has('q'))
    await page.goto(`${world.url}/findings?q=colour:red`)
    await page
      .getByRole('alert')
      .filter({ hasText: /colour/ })
      .first()
      .waitFor()
    await assertAccessible(page, 'bad query')
    await shot(page, 'state-bad-query')
  })

  await step('more than a thousand findings: a bounded number of rows is drawn, none is missing', async () => {
    for (const host of hosts) context.after((await openService(site, host)).stop)
    await register(call, '127.77.0.0/25')
    await scanNow(call, `${hosts[0]!}-${hosts.at(-1)!}`, '80', 'Many')
    await page.goto(`${world.url}/findings`)
    await settled(page)
    const total = Number((await page.locator('main header').first().innerText()).match(/[\d,]{4,}/)?.[0]?.replaceAll(',', ''))
    assert.ok(total > 1000, `there are ${total} findings only`)
    const grid = page.getByRole('grid', { name: 'Findings' })
    const rows = () => page.evaluate<number>('document.querySelectorAll("[role=grid] [role=row]").length')
    await shot(page, 'state-thousand')
    const seen = new Set<string>()
    // As far as it goes: wherever it stops there are rows, and never too many.
    for (let turns = 0; seen.size < total; turns++) {
      assert.ok(turns < 600, `${seen.size} of ${total} rows came by`)
      for (const id of await page.evaluate<string[]>(
        '[...document.querySelectorAll("[role=grid] [role=row][id]")].map((one) => one.id)',
      ))
        seen.add(id)
      const count = await rows()
      assert.ok(count < 200, `${count} rows are drawn`)
      // A turn of the wheel, and not by the wheel: turns that come while the page still moves go past rows that nobody looked at.
      await page.evaluate(`${scroller}.scrollBy({ top: 550, behavior: 'instant' })`)
      await holds(page, drawn)
    }
    assert.equal(seen.size, total)
    await grid.focus()
    await page.keyboard.press('Home')
    await holds(page, `document.querySelector('[role=row][aria-rowindex="2"]') !== null && ${drawn}`)
    await page.keyboard.press('End')
    await holds(page, `document.querySelector('[role=row][aria-rowindex="${total + 1}"]') !== null && ${drawn}`)
    assert.ok((await rows()) < 200)
    await page.setViewportSize({ width: 390, height: 844 })
    await page.goto(`${world.url}/findings`)
    await settled(page)
    await assertFits(page, 'a thousand findings on a phone')
    assert.ok((await rows()) < 200)
    await page.setViewportSize({ width: 1440, height: 900 })
    // The query that can't be read was refused on purpose.
    assert.deepEqual(
      complaints.filter((one) => !one.includes('q=colour:red')),
      [],
    )
  })

  await step('while the platform is away, the console says so, and goes on when it is back', async () => {
    await page.goto(`${world.url}/scans`)
    await page.getByRole('grid').getByRole('link', { name: 'Many' }).waitFor()
    await page
      .getByRole('status')
      .filter({ hasText: /^Live$/ })
      .waitFor()
    // The code of pages that were not opened yet comes while nobody waits; their rows do not.
    await holds(page, `performance.getEntriesByType('resource').some(({ name, responseEnd }) => /\\/assets-[^/]*js$/.test(name) && responseEnd > 0)`)
    await world.stop()
    await page.getByText('Not live; reconnecting').waitFor()
    // What was seen stays to be seen; what is new can't be had and says why.
    await page.getByRole('link', { name: 'Assets', exact: true }).click()
    const alert = page.getByRole('alert').filter({ hasText: 'The platform does not answer' })
    await alert.waitFor()
    await assertAccessible(page, 'platform away')
    await shot(page, 'state-away')
    await world.start()
    await page
      .getByRole('status')
      .filter({ hasText: /^Live$/ })
      .waitFor()
    await page.getByRole('row').filter({ hasText: '127.77.0.' }).first().waitFor()
    await alert.waitFor({ state: 'hidden' })
    await shot(page, 'state-back')
  })
})

/** What moves when the list is scrolled. */
const scroller = `(() => {
  for (let one = document.querySelector('[role=grid]'); one !== null; one = one.parentElement) if (one.scrollHeight > one.clientHeight + 1 && getComputedStyle(one).overflowY !== 'visible') return one
  return document.scrollingElement
})()`

/** Where the middle of the list is, there is a row: nothing is blank after scrolling. */
const drawn = `(() => {
  const box = document.querySelector('[role=grid]').parentElement.getBoundingClientRect()
  const at = document.elementFromPoint(box.x + 400, box.y + box.height / 2)
  return at?.closest('[role=row]') !== null && at !== null
})()`
