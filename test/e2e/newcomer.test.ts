import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { access, readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { openRange } from '#lab/range.ts'
import { redis } from '#lab/services/stores.ts'
import { assertAccessible, assertFits, holds, shot } from './browser.ts'
import { openService, password, pressUntil, startConsole, story } from './console-world.ts'

/** A net of its own, so that a practice range that a person has running is in nobody's way. */
const net = 72
const title = 'Redis answers commands without a login'
const store = `127.${net}.0.200`

test('from the one-time link to a fixed finding, by mouse and keyboard alone', async (context) => {
  const world = await startConsole(context)
  const range = await openRange(Date.now(), net)
  context.after(range.close)
  const service = await openService(redis, store)
  context.after(service.stop)
  const { page, complaints, context: person } = await world.browser.open()
  const step = story(context, page)

  await step('the link, the organisation, the recovery codes', async () => {
    await page.goto(`${world.url}/welcome#token=${world.platform.welcome}`)
    await page.getByLabel('Organisation').fill('Analytical Engines')
    await page.keyboard.press('Tab')
    await page.keyboard.type('Ada Lovelace')
    await page.keyboard.press('Tab')
    await page.keyboard.type('ada@example.org')
    await page.keyboard.press('Tab')
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Save your recovery codes' }).waitFor()
    await assertAccessible(page, 'recovery codes')
    await shot(page, 'newcomer-1-codes')
    const codes = await page.getByRole('listitem').allTextContents()
    assert.ok(codes.length >= 8 && new Set(codes).size === codes.length)
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()])
    assert.deepEqual((await readFile(await file.path(), 'utf8')).trim().split('\n'), codes)
    await page.getByRole('button', { name: 'I have saved them' }).click()
    await page.waitForURL('**/onboarding')
  })

  const live: string[] = []
  await step('what is theirs is registered with the declaration of authority, and a scan starts', async () => {
    const events = await person.newCDPSession(page)
    await events.send('Network.enable')
    events.on('Network.eventSourceMessageReceived', (event) => live.push(event.eventName))
    await page
      .getByLabel('Addresses, ranges, blocks or host names')
      .fill(`127.${net}.0.1-127.${net}.0.${range.hosts.length}, ${store}`)
    await page.getByText(`${range.hosts.length + 1} addresses in 2 ranges`).waitFor()
    assert.ok(await page.getByRole('button', { name: 'Register' }).isDisabled(), 'nothing is registered without the declaration')
    await page.getByRole('checkbox', { name: /owner’s written permission/ }).click()
    await page.getByRole('button', { name: 'Register' }).click()
    await page.getByRole('button', { name: 'Start a scan' }).waitFor()
    await assertAccessible(page, 'onboarding')
    await shot(page, 'newcomer-2-onboarding')
    // From here to the end of the scan the page is never loaded anew: this mark would be gone.
    await page.evaluate('globalThis.neverReloaded = true')
    await page.getByRole('button', { name: 'Start a scan' }).click()
    await page.waitForURL(/\/scans\/[0-9a-f-]{36}/)
  })

  await step('the live page fills in by itself: hosts, findings, end', async () => {
    const squares = page.getByRole('listbox', { name: 'Hosts' }).getByRole('option')
    await squares.first().waitFor()
    await page.getByRole('link', { name: title }).first().waitFor()
    await shot(page, 'newcomer-3-live')
    await page.getByText('Finished').first().waitFor({ timeout: 120_000 })
    assert.equal(await squares.count(), range.hosts.length + 1)
    await squares
      .filter({ has: page.locator(':scope[aria-label*="Urgent"]') })
      .first()
      .waitFor()
    for (const state of ['Waiting', 'Being tested']) {
      await holds(page, `document.querySelector('[role=option][aria-label*="${state}"]') === null`)
    }
    await page.getByText('Every host was tested to the end').first().waitFor()
    assert.equal(await page.evaluate('globalThis.neverReloaded'), true, 'the page was loaded anew')
    assert.ok(
      live.includes('scan.progress') || live.includes('scan.changed'),
      `no word of the scan came over the stream: ${live.join(' ')}`,
    )
    assert.ok(live.includes('finding.changed'), `no word of findings came over the stream: ${live.join(' ')}`)
    await assertAccessible(page, 'finished scan')
    await shot(page, 'newcomer-4-finished')
  })

  await step('the finding is found, opened and read by keyboard', async () => {
    await page.keyboard.press('Escape')
    await page.locator('#main').focus()
    await page.keyboard.press('g')
    await page.keyboard.press('f')
    await page.waitForURL('**/findings')
    await page.getByRole('grid', { name: 'Findings' }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('severity:5')
    await page.keyboard.press('Enter')
    await page.waitForURL(/q=severity:5/)
    await pressUntil(page, 'Tab', 'at?.getAttribute("role") === "grid"')
    const grid = page.getByRole('grid', { name: 'Findings' })
    const active = () => grid.getAttribute('aria-activedescendant')
    const first = await active()
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    const second = await active()
    assert.notEqual(second, first)
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.searchParams.get('open') === second!.replace('row-', ''))
    await page.keyboard.press('Escape')
    await page.waitForURL((url) => !url.searchParams.has('open'))
    await page.keyboard.press('/')
    await page.keyboard.press('Control+a')
    await page.keyboard.type(`check:40101 host:${store}`)
    await page.keyboard.press('Enter')
    await page.waitForURL(/q=check:40101/)
    await holds(page, 'document.querySelectorAll("[role=grid] [role=row][id]").length === 1')
    await pressUntil(page, 'Tab', 'at?.getAttribute("role") === "grid"')
    await page.keyboard.press('Enter')
    await page.getByRole('complementary', { name: 'Finding' }).getByText(title).waitFor()
    await pressUntil(page, 'Tab', 'at?.getAttribute("role") === "tab"')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.waitForURL(/view=proof/)
  })

  const panel = page.getByRole('complementary', { name: 'Finding' })
  await step('proof, fix and history say what there is to say', async () => {
    await panel.getByLabel('Received', { exact: true }).getByText('redis_version:5.0.14').waitFor()
    await panel.getByRole('button', { name: 'Sent' }).click()
    await panel.getByLabel('Sent', { exact: true }).getByText('INFO').waitFor()
    await panel.getByText(/service@\d/).waitFor()
    await assertAccessible(page, 'proof')
    await shot(page, 'newcomer-5-proof')
    await panel.getByRole('tab', { name: 'Fix' }).click()
    await panel
      .getByText(/requirepass|password/i)
      .first()
      .waitFor()
    await assertAccessible(page, 'fix')
    await panel.getByRole('tab', { name: 'History' }).click()
    await panel.getByText('Found', { exact: true }).waitFor()
    await assertAccessible(page, 'history')
  })
  const address = page.url().replace(/&?view=\w+/, '')

  await step('a report in PDF names the finding and the host', async () => {
    await access('/usr/bin/pdftotext').catch(() => assert.fail('pdftotext is missing. Debian: apt-get install poppler-utils'))
    await page.getByRole('link', { name: 'Report', exact: true }).click()
    const dialog = page.getByRole('dialog', { name: 'Create a report' })
    await dialog.getByRole('radio', { name: /Technical/ }).click()
    await dialog.getByLabel('Title').fill('For the board')
    await dialog.getByRole('button', { name: 'Create report' }).click()
    const link = page.getByRole('link', { name: 'Download For the board' })
    await link.waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
    const path = await download.path()
    assert.equal((await readFile(path)).subarray(0, 5).toString('latin1'), '%PDF-')
    const { stdout } = await promisify(execFile)('pdftotext', ['-layout', path, '-'])
    assert.match(stdout, /Redis answers commands without a\s+login/)
    assert.ok(stdout.includes(store), stdout.slice(0, 2000))
    assert.ok(stdout.includes('Analytical Engines'))
  })

  await step('the scan is put on a schedule', async () => {
    await page.getByRole('link', { name: 'Scans', exact: true }).click()
    await page.getByRole('tab', { name: 'Schedules' }).click()
    await page.getByRole('button', { name: 'New schedule' }).click()
    const dialog = page.getByRole('dialog', { name: 'New schedule' })
    await dialog.getByLabel('Name').fill('Every Sunday')
    await dialog.getByLabel('Targets').fill(store)
    await dialog.getByRole('button', { name: 'Sun' }).click()
    await dialog.getByRole('button', { name: 'Mon' }).click()
    await dialog
      .getByRole('status')
      .getByText(/Sunday/)
      .waitFor()
    await shot(page, 'newcomer-6-schedule')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await page.getByRole('gridcell', { name: 'Every Sunday', exact: true }).waitFor()
    assert.ok(await page.getByRole('switch', { name: 'Every Sunday is on' }).isChecked())
  })

  await step('fixed on the host and scanned again: fixed', async () => {
    service.setFixed(true)
    await page.getByRole('tab', { name: 'Scans' }).click()
    await page.getByRole('grid').getByText('First scan').first().click()
    await page.getByRole('link', { name: 'Scan again' }).click()
    await page.getByLabel('What to scan').fill(store)
    await page.getByRole('button', { name: 'Start a scan' }).click()
    await page.waitForURL(/\/scans\/[0-9a-f-]{36}/)
    await page.getByText('Finished').first().waitFor({ timeout: 120_000 })
    await page.goto(`${world.url}/findings?q=check:40101 status:fixed`)
    const row = page.getByRole('row').filter({ hasText: store })
    await row.getByText('Fixed').waitFor()
    await row.click()
    await panel.getByText('Fixed', { exact: true }).first().waitFor()
    await panel.getByRole('tab', { name: 'History' }).click()
    await panel.getByRole('listitem').filter({ hasText: 'Fixed' }).first().waitFor()
    await shot(page, 'newcomer-7-fixed')
  })

  await step('back on the host: “verify fix” tells so within seconds, and it is re-opened', async () => {
    service.setFixed(false)
    await page.goto(address)
    await panel.getByRole('button', { name: 'Test again' }).click()
    await panel.getByText('Still there.', { exact: true }).waitFor()
    await panel.getByText('Reopened', { exact: true }).first().waitFor()
    await panel.getByRole('tab', { name: 'History' }).click()
    await panel.getByText('Came back', { exact: true }).waitFor()
  })

  await step('fixed for good: “verify fix” closes it', async () => {
    service.setFixed(true)
    await panel.getByRole('button', { name: 'Verify fix' }).click()
    await panel.getByText('Fixed.', { exact: true }).waitFor()
    await assertAccessible(page, 'verified')
    await assertFits(page, 'verified')
    await shot(page, 'newcomer-8-verified')
  })

  // Who is not signed in yet is told so: that answer is meant.
  assert.deepEqual(
    complaints.filter((one) => !one.includes('status of 401')),
    [],
  )
})
