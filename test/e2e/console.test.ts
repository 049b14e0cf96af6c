import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { buildConsole } from '../../src/command/console-build.ts'
import { startTestPlatform, until } from '../story/platform.ts'
import { startStore } from '../story/redis.ts'
import { assertAccessible, shot, startBrowser } from './browser.ts'

const dist = fileURLToPath(new URL('../../ui/dist/', import.meta.url))
const password = 'a long walk in the rain'

test('a person signs up, scans what is theirs, reads the proof, fixes it, verifies it and hands on a report', async (context) => {
  await buildConsole(() => {})
  const { platform, stop } = await startTestPlatform(dist)
  context.after(stop)
  const store = await startStore()
  context.after(store.stop)
  const browser = await startBrowser()
  context.after(browser.stop)
  const { page, complaints, context: person } = await browser.open()

  await context.test('the one-time link makes the first account', async () => {
    await page.goto(`${platform.url}/welcome#token=${platform.welcome}`)
    await page.getByLabel('Organisation').fill('Analytical Engines')
    await page.getByLabel('Your name').fill('Ada Lovelace')
    await page.getByLabel('E-mail address').fill('ada@example.org')
    await page.getByLabel('Password', { exact: true }).fill('short')
    await page.getByText('more characters').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(password)
    await assertAccessible(page, 'welcome')
    await page.getByRole('button', { name: 'Create organisation' }).click()
    await page.getByRole('heading', { name: 'Save your recovery codes' }).waitFor()
    assert.ok((await page.getByRole('listitem').count()) >= 8)
    await page.getByRole('button', { name: 'I have saved them' }).click()
    await page.waitForURL('**/onboarding')
  })

  await context.test('what is not an address is told, what is theirs is registered, the scan starts', async () => {
    const field = page.getByLabel('Addresses, ranges, blocks or host names')
    await field.fill('127.0.0.1/8')
    await page.getByText('Did you mean 127.0.0.0/8?').waitFor()
    await field.fill('127.0.0.1')
    await page.getByText('1 address in 1 range').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Register' }).isDisabled())
    await page.getByRole('checkbox').click()
    await page.getByRole('button', { name: 'Register' }).click()
    // The store listens on a port of the system's choice: a profile that looks there.
    await page.evaluate(`fetch('/api/v1/profiles', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(JSON.stringify({ name: 'One port', settings: { tcp: String(store.port), udp: '' } }))} })`)
    await page.reload()
    await page.goto(`${platform.url}/scans/new?targets=127.0.0.1`)
    await page.getByLabel('Option profile').click()
    await page.getByRole('option', { name: /One port/ }).click()
    await page.getByRole('button', { name: 'Start a scan' }).click()
    await page.waitForURL(/\/scans\/[0-9a-f-]{36}/)
    await page.getByText('Finished').first().waitFor()
    await page.getByRole('link', { name: 'Redis answers commands without a login' }).first().waitFor()
    await assertAccessible(page, 'scan')
    await shot(page, 'scan')
  })

  await context.test('the finding shows its proof, and its address leads to it again', async () => {
    await page.getByRole('link', { name: 'Redis answers commands without a login' }).first().click()
    await page.getByRole('tab', { name: 'Proof' }).click()
    await page.getByText('redis_version:7.0.15').waitFor()
    await page.getByRole('button', { name: 'Sent' }).click()
    await page.getByLabel('Sent', { exact: true }).getByText('INFO').waitFor()
    const address = page.url()
    assert.match(address, /open=[0-9a-f-]{36}.*view=proof|view=proof.*open=/)
    await page.goto(address)
    await page.getByText('redis_version:7.0.15').waitFor()
    await assertAccessible(page, 'finding')
    await shot(page, 'finding')
  })

  await context.test('fixed on the host, it is fixed here within seconds; back on the host, it comes back', async () => {
    store.setOpen(false)
    await page.getByRole('button', { name: 'Verify fix' }).click()
    await page.getByText('Fixed.', { exact: true }).waitFor()
    store.setOpen(true)
    await page.getByRole('button', { name: 'Verify fix' }).click()
    await page.getByText('Still there.', { exact: true }).waitFor()
    await page.getByRole('tab', { name: 'History' }).click()
    await page.getByText('Came back').first().waitFor()
  })

  await context.test('a finding is ignored with a reason, and opened again', async () => {
    await page.getByRole('button', { name: 'Ignore' }).click()
    await page.getByLabel('Comment').fill('Test machine, gone by Friday')
    await assertAccessible(page, 'ignore')
    await page.getByRole('dialog').getByRole('button', { name: 'Ignore' }).click()
    await page.getByRole('button', { name: 'Stop ignoring' }).waitFor()
    await page.getByRole('tab', { name: 'What' }).click()
    await page.getByText('Test machine, gone by Friday').first().waitFor()
    await page.getByRole('button', { name: 'Stop ignoring' }).click()
    await page.getByRole('button', { name: 'Ignore', exact: true }).waitFor()
  })

  await context.test('a report is made and downloaded', async () => {
    await page.goto(`${platform.url}/reports`)
    await page.getByRole('button', { name: 'Create a report' }).first().click()
    await page.getByRole('radio', { name: /Technical/ }).click()
    await assertAccessible(page, 'report')
    await page.getByRole('button', { name: 'Create report' }).click()
    const link = page.getByRole('link', { name: /^Download/ })
    await link.waitFor()
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()])
    const bytes = await readFile(await download.path())
    assert.equal(bytes.subarray(0, 5).toString('latin1'), '%PDF-')
  })

  await context.test('a schedule says in words when it runs before it is saved', async () => {
    await page.goto(`${platform.url}/scans?tab=schedules`)
    await page.getByRole('button', { name: 'New schedule' }).click()
    await page.getByLabel('Name').fill('Every Friday')
    await page.getByLabel('Targets').fill('127.0.0.1')
    await page.getByRole('button', { name: 'Fri' }).click()
    await page.getByRole('button', { name: 'Mon' }).click()
    await page.getByText(/on Friday at 22:00/).waitFor()
    await assertAccessible(page, 'schedule')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('gridcell', { name: 'Every Friday', exact: true }).waitFor()
    await page.getByRole('button', { name: 'Calendar' }).click()
    await page.getByRole('button', { name: /Every Friday/ }).first().waitFor()
  })

  await context.test('groups, exclusions, people, tokens and scanners are made', async () => {
    await page.goto(`${platform.url}/assets?tab=groups`)
    await page.getByRole('button', { name: 'New group' }).click()
    await page.getByLabel('Name').fill('Stores')
    await page.getByLabel('Members').fill('127.0.0.1')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('gridcell', { name: 'Stores' }).click()
    await page.getByRole('link', { name: 'Scan group' }).waitFor()

    await page.goto(`${platform.url}/assets?tab=exclusions`)
    await page.getByRole('button', { name: 'New exclusion' }).click()
    await page.getByLabel('Addresses').fill('127.0.0.200')
    await page.getByLabel('Why').fill('Fragile')
    await page.getByRole('button', { name: 'Exclude' }).click()
    await page.getByRole('gridcell', { name: '127.0.0.200' }).waitFor()

    await page.goto(`${platform.url}/settings/people`)
    await page.getByRole('button', { name: 'Invite a person' }).click()
    await page.getByLabel('E-mail address').fill('grace@example.org')
    await page.getByRole('button', { name: 'Make the link' }).click()
    await page.getByText(/welcome#token=/).waitFor()
    await page.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('cell', { name: /grace@example.org/ }).waitFor()

    await page.goto(`${platform.url}/settings/tokens`)
    await page.getByRole('button', { name: 'New token' }).click()
    await page.getByLabel('Name').fill('Nightly export')
    await page.getByRole('button', { name: 'Create token' }).click()
    await page.getByText('It is never shown again').waitFor()
    await page.getByRole('button', { name: 'Done' }).click()

    await page.goto(`${platform.url}/settings/scanners`)
    await page.getByRole('button', { name: 'Add scanner' }).click()
    await page.getByLabel('Name').fill('Warehouse')
    await page.getByRole('button', { name: 'Make activation code' }).click()
    await page.getByText(/vigil scanner /).waitFor()

    await page.goto(`${platform.url}/settings/audit`)
    await page.getByRole('button', { name: 'Check the chain' }).click()
    await page.getByText(/entries are whole and in order/).waitFor()
  })

  await context.test('one key finds hosts, findings and checks', async () => {
    await page.goto(platform.url)
    await page.getByRole('heading', { name: 'Home' }).waitFor()
    await page.keyboard.press('Control+k')
    await page.keyboard.type('redis')
    await page.getByRole('option', { name: /Redis answers commands without a login/ }).first().waitFor()
    await assertAccessible(page, 'palette')
    await shot(page, 'palette')
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'hidden' })
    await page.keyboard.press('g')
    await page.keyboard.press('k')
    await page.waitForURL('**/checks')
  })

  await context.test('an authenticator is set up, and asked for at the next sign-in', async () => {
    await page.goto(`${platform.url}/settings/security`)
    await page.getByRole('button', { name: 'Set up an authenticator' }).click()
    await page.getByRole('dialog').getByLabel('Your password now').fill(password)
    await page.getByRole('dialog').getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('img', { name: 'QR code for your authenticator' }).waitFor()
    await assertAccessible(page, 'authenticator')
    const secret = (await page.getByRole('dialog').locator('code').first().textContent())!.trim()
    await page.getByLabel('The six digits it shows').fill(totp(secret))
    await page.getByRole('button', { name: 'Switch on' }).click()
    await page.getByRole('button', { name: 'I have saved them' }).click()
    await page.getByRole('button', { name: /: account of/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.waitForURL('**/sign-in')
    await page.goto(`${platform.url}/findings?q=severity:5`)
    await page.waitForURL(/sign-in\?next=/)
    await assertAccessible(page, 'sign-in')
    await page.getByLabel('E-mail address').fill('ada@example.org')
    await page.getByLabel('Password', { exact: true }).fill('not the password')
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('Password', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await page.getByLabel('Code', { exact: true }).fill(totp(secret, 1))
    await page.waitForURL(/findings\?q=severity:5/)
    await page.getByRole('heading', { name: 'Findings' }).waitFor()
  })

  await context.test('every page, light and dark, wide and narrow: nothing serious for axe, nothing wider than the screen', async () => {
    const state = await person.storageState()
    const asset = await page.evaluate(`fetch('/api/v1/assets').then((answer) => answer.json()).then((list) => list.items[0].id)`)
    const paths = ['/', '/findings', '/assets', '/assets?tab=addresses', '/assets?tab=networks', `/assets/${String(asset)}`, `/assets/${String(asset)}?tab=services`, `/assets/${String(asset)}?tab=timeline`, `/assets/${String(asset)}?tab=coverage`,
      '/scans', '/scans?tab=profiles', '/scans/new', '/checks', '/checks/40101', '/reports', '/settings', '/settings/people', '/settings/units', '/settings/scanners', '/settings/tokens', '/settings/audit', '/settings/security', '/onboarding', '/nowhere']
    for (const [theme, size] of [['light', 'wide'], ['dark', 'narrow']] as const) {
      const other = await browser.open({ theme, size, state })
      for (const path of paths) {
        await other.page.goto(platform.url + path, { waitUntil: 'load' })
        await other.page.locator('main').getByText(/\S/).first().waitFor()
        await until(() => other.page.getByRole('status', { name: 'Loading' }).count(), (count) => count === 0)
        await assertAccessible(other.page, `${path} ${theme} ${size}`)
        await shot(other.page, `page${path.replaceAll(/[^a-z0-9]+/g, '-')}-${theme}-${size}`)
        const overflow: number = await other.page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
        assert.ok(overflow <= 0, `${path} is ${overflow} px wider than a ${size} screen`)
      }
      assert.deepEqual(other.complaints, [])
      await other.context.close()
    }
  })

  // A refused sign-in and a session that is not there are answered with 4xx on purpose.
  assert.deepEqual(complaints.filter((one) => !/status of (?:400|401|403)/.test(one)), [])
})

/** RFC 6238 with the usual choices; `ahead` in steps, since a code is taken once only. */
function totp(secret: string, ahead = 0): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = secret.replaceAll(/[=\s]/g, '').split('').map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + ahead))
  const digest = createHmac('sha1', key).update(counter).digest()
  const at = digest.at(-1)! & 15
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}
