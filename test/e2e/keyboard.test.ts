import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redis } from '#lab/services/stores.ts'
import { holds, settled } from './browser.ts'
import { openService, pressUntil, register, scanNow, signUp, startConsole, story } from './console-world.ts'

const hosts = ['127.75.0.1', '127.75.0.2', '127.75.0.3']

test('the console by keyboard and by address', async (context) => {
  const world = await startConsole(context)
  const { page, complaints, context: person, call } = await signUp(world)
  for (const host of hosts) {
    const service = await openService(redis, host)
    context.after(service.stop)
  }
  await register(call, '127.75.0.0/29')
  await scanNow(call, '127.75.0.1-127.75.0.3', '6379')
  const step = story(context, page)

  await step('one key finds every room and takes there', async () => {
    await page.goto(world.url)
    await page.getByRole('heading', { name: 'Home' }).waitFor()
    for (const [typed, path, heading] of [
      ['findings', '/findings', 'Findings'],
      ['assets', '/assets', 'Assets'],
      ['scans', '/scans', 'Scans'],
      ['knowl', '/kb/vulnerabilities', 'KnowledgeBase'],
      ['reports', '/reports', 'Reports'],
      ['settings', '/settings', 'Settings'],
      ['start a scan', '/scans/new', 'Start a scan'],
    ] as const) {
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').getByRole('combobox').waitFor()
      await page.keyboard.type(typed)
      await page.keyboard.press('Enter')
      await page.waitForURL((url) => url.pathname === path)
      await page.getByRole('heading', { level: 1, name: heading }).waitFor()
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
    }
  })

  await step('it finds a host and a check too, and escape gives the focus back', async () => {
    await page.keyboard.press('Control+k')
    await page.keyboard.type('127.75.0.2')
    const option = page.getByRole('group', { name: 'Hosts' }).getByRole('option', { name: '127.75.0.2' })
    await option.waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.keyboard.press('Control+k')
    await page.keyboard.type('127.75.0.2')
    await option.waitFor()
    for (let presses = 0; (await option.getAttribute('aria-selected')) !== 'true'; presses++) {
      assert.ok(presses < 30, 'the arrow key does not reach the host')
      await page.keyboard.press('ArrowDown')
    }
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/assets\/[0-9a-f-]{36}/)
    await page.getByRole('heading', { name: '127.75.0.2' }).waitFor()
  })

  await step('slash goes to the query; two letters go to a room; a question mark tells the keys', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('f')
    const bar = page.getByRole('combobox', { name: 'Filter findings' })
    await bar.waitFor()
    await page.getByRole('grid', { name: 'Findings' }).waitFor()
    await page.keyboard.press('/')
    await holds(page, 'document.activeElement?.getAttribute("aria-label") === "Filter findings"')
    await page.keyboard.type('sev')
    await page
      .getByRole('option', { name: /severity:/ })
      .first()
      .waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await holds(page, 'document.activeElement?.value === "severity:"')
    await page.keyboard.type('5')
    await page.keyboard.press('Enter')
    await page.waitForURL(/q=severity:5/)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await holds(page, 'document.activeElement?.tagName !== "INPUT"')
    await page.keyboard.press('?')
    await holds(page, 'document.activeElement?.closest("[role=dialog]") !== null')
    const keys = page.getByRole('dialog', { name: 'Keyboard' })
    await keys.waitFor()
    // The keys it tells are those that work.
    for (const [name, pair] of [
      ['KnowledgeBase', 'g k'],
      ['Settings', 'g t'],
    ] as const)
      await keys.locator('dt', { hasText: name }).locator('+ dd').getByText(pair).waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'hidden' })
  })

  await step('what is seen is in the address: another page shows the same', async () => {
    await page.goto(`${world.url}/findings?q=check:40101&sort=firstFound&cols=host,status`)
    const grid = page.getByRole('grid', { name: 'Findings' })
    await grid.getByRole('row').nth(hosts.length).waitFor()
    await pressUntil(page, 'Tab', 'at?.getAttribute("role") === "grid"')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.waitForURL(/open=/)
    const panel = page.getByRole('complementary', { name: 'Finding' })
    await panel.getByRole('tab', { name: 'Proof' }).click()
    await panel.getByText('redis_version').waitFor()
    const other = await person.newPage()
    await other.goto(page.url())
    await other.getByRole('complementary', { name: 'Finding' }).getByText('redis_version').waitFor()
    await settled(other)
    const seen = (at: typeof page): Promise<unknown> =>
      at.evaluate(`({
      q: document.querySelector('[role=combobox]').value,
      heads: [...document.querySelectorAll('[role=columnheader]')]
        .map((one) => one.textContent + (one.getAttribute('aria-sort') ?? '')),
      rows: [...document.querySelectorAll('[role=grid] [role=row][id]')].map((one) => one.id + one.textContent),
      open: document.querySelector('aside').textContent.slice(0, 200),
      tab: document.querySelector('aside [role=tab][aria-selected=true]').textContent,
    })`)
    assert.deepEqual(await seen(other), await seen(page))
    await other.close()
    await page.getByRole('grid').focus()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'hidden' })
  })

  await step('the focus is seen on everything, and goes through every page and out again', async () => {
    for (const path of [
      '/',
      '/findings',
      '/assets',
      '/scans',
      '/scans/new',
      '/kb/sources',
      '/reports',
      '/settings',
      '/settings/people',
      '/settings/security',
    ]) {
      await page.goto(world.url + path)
      await settled(page)
      const marks = await page.evaluate<number>(
        `document.querySelectorAll('a[href],button:not([disabled]),input,textarea,[tabindex="0"]').length`,
      )
      const found: string[] = []
      const blind: string[] = []
      let isRound = false
      // A round trip: the browser's own frame takes the focus once, then the first link has it again.
      for (let presses = 0; presses < marks + 20; presses++) {
        await page.keyboard.press('Tab')
        const at = await page.evaluate<{ name: string; seen: boolean; body: boolean }>(focusLook)
        if (at.body) continue
        isRound = found.length > 1 && at.name === found[0]
        if (isRound) break
        if (!at.seen) blind.push(at.name)
        found.push(at.name)
      }
      assert.ok(found.length > 8, `${path}: only ${found.length} places take the focus`)
      assert.ok(
        found.some((name) => name.includes('Skip to content')),
        `${path}: no way around the navigation`,
      )
      assert.deepEqual(blind, [], `${path}: the focus is not seen there`)
      assert.ok(isRound, `${path}: the focus does not come back to where it began, but is held at ${found.slice(-3).join(', ')}`)
    }
  })

  await step('escape closes a dialog, and the focus is where it was', async () => {
    await page.goto(`${world.url}/settings/people`)
    const button = page.getByRole('button', { name: 'Invite a person' })
    await button.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Invite a person' })
    await dialog.waitFor()
    await holds(page, 'document.querySelector("[role=dialog]").contains(document.activeElement)')
    for (let presses = 0; presses < 15; presses++) {
      await page.keyboard.press('Tab')
      await holds(page, insideDialog)
    }
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await holds(page, 'document.activeElement.textContent.includes("Invite a person")')
  })

  assert.deepEqual(complaints, [])
})

/** What has the focus, and whether it or what stands for it looks different from how it looks without. */
const focusLook = `(() => {
  const at = document.activeElement
  if (at === null || at === document.body || at === document.documentElement) return { name: '', seen: true, body: true }
  const look = (one) => {
    const style = getComputedStyle(one)
    const outline = style.outlineStyle === 'none' ? '' : style.outlineWidth + style.outlineColor
    return [outline, style.boxShadow, style.borderColor, style.backgroundColor].join()
  }
  const active = document.getElementById(at.getAttribute('aria-activedescendant') ?? '')
  const around = [at, at.parentElement, at.querySelector('[id^=row-],[role=option]'), active].filter((one) => one !== null)
  const text = (at.getAttribute('aria-label') ?? at.textContent ?? '').trim().slice(0, 40)
  const name = at.tagName + ' ' + text + ' ' + (at.getAttribute('href') ?? at.id)
  const before = around.map(look)
  at.blur()
  const after = around.map(look)
  at.focus({ focusVisible: true, preventScroll: true })
  return { name, seen: before.some((one, index) => one !== after[index]), body: false }
})()`

const insideDialog = `(() => {
  const at = document.activeElement
  return at === document.body || at.closest('[role=dialog],[data-base-ui-focus-guard]') !== null
})()`
