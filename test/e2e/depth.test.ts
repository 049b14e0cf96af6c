import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import type { ProofBundle } from '#core/proof.ts'
import { redecide } from '#engine/proof/redecide.ts'
import { assertAccessible, assertFits, holds, settled, shot, sizes } from './browser.ts'
import { pressUntil, signUp, startConsole, story } from './console-world.ts'
import { scanDepth } from './depth-world.ts'

const net = 92

test('certificates with their grades, findings with their conversations, logins and checks: all of it told in the console', async (context) => {
  const world = await startConsole(context)
  const { page, complaints, call } = await signUp(world)
  const step = story(context, page)
  const depth = await scanDepth(call, net, (work) => context.after(work))
  const looks = async (name: string): Promise<void> => {
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme: theme })
      for (const size of ['narrow', 'wide'] as const) {
        await page.setViewportSize(sizes[size])
        await settled(page)
        await assertFits(page, `${name} ${size}`)
        await shot(page, `${name}-${size}-${theme}`)
      }
      // Colours on their way to the other theme are neither.
      await holds(page, 'document.getAnimations().length === 0')
      await assertAccessible(page, `${name} ${theme}`)
    }
  }
  const certificates = page.getByRole('grid', { name: 'Certificates' })
  const panel = page.getByRole('complementary', { name: 'Certificate' })

  await step('certificates are listed, what ends first comes first', async () => {
    await page.goto(`${world.url}/assets?tab=certificates`)
    await certificates.getByText('a-rather-long-name').waitFor()
    const rows = await certificates.getByRole('row').allInnerTexts()
    assert.match(rows[1]!, /a-rather-long-name[^]*ended 35 days ago/)
    assert.match(rows.at(-1)!, /mail\.analytical-engines[^]*in 84 days/)
    await looks('certificates')
  })
  await step('a tile filters, and filters no more when it is pressed again', async () => {
    await page.getByRole('link', { name: /^Expired/ }).click()
    await page.waitForURL(/q=expired/)
    await certificates.getByText('intranet.analytical-engines.example').first().waitFor({ state: 'detached' })
    assert.equal(await certificates.getByRole('row').count(), 2)
    await page.getByRole('link', { name: /^Expired/ }).click()
    await certificates.getByText('intranet.analytical-engines.example').first().waitFor()
  })
  await step('by keyboard: j goes down, enter opens, escape closes, and nothing traps', async () => {
    await certificates.focus()
    for (const key of ['j', 'j', 'k', 'Enter']) await page.keyboard.press(key)
    await panel.waitFor()
    assert.match(page.url(), /open=/)
    await panel.getByText('Not trusted: it signed itself').first().waitFor()
    await looks('certificate-panel')
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    await pressUntil(page, 'Tab', "at?.getAttribute('aria-label') === 'Filter certificates' || at === document.body")
  })
  await step('a panel opens by its address, and leads to all places with its certificate', async () => {
    await certificates.getByText('intranet.analytical-engines.example').first().click()
    await panel.waitFor()
    await page.reload()
    await panel.getByRole('button', { name: 'See all 2 places with this certificate' }).click()
    await panel.waitFor({ state: 'detached' })
    await certificates.getByText('mail.analytical-engines.example').waitFor({ state: 'detached' })
    assert.equal(await certificates.getByRole('row').count(), 3)
  })
  await step('the grade stands with the service and leads to the reasons', async () => {
    await page.goto(`${world.url}/assets/${depth.shop}?tab=services`)
    await page.getByRole('link', { name: /^TLS graded T/ }).waitFor()
    await looks('asset-services')
    await page.getByRole('link', { name: /^TLS graded T/ }).click()
    await panel.waitFor()
  })
  await step('a finding shows what was said, as text and as bytes, beside what was held against it', async () => {
    const { items } = await call.get<{ items: readonly { id: string; title: string }[] }>(`/findings?q=asset:${depth.shop}`)
    const finding = items.find((one) => one.title.startsWith('Environment file'))!
    await page.goto(`${world.url}/findings?open=${finding.id}&view=proof`)
    await page.getByText('DB_PASSWORD=not-a-secret').first().waitFor()
    const said = page.locator('details').first()
    await said.locator('summary').click()
    await said.getByRole('button', { name: 'Hex' }).click()
    await said.getByText(/47 45 54 20 2f 2e 65 6e\s+76/).waitFor()
    await page.locator('details').nth(1).locator('summary').click()
    await page.locator('details').nth(1).getByText('no such page').waitFor()
    await looks('proof')
  })
  await step('its proof is downloaded, and decides the same from the file alone', async () => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download proof' }).click()])
    assert.match(download.suggestedFilename(), /^vigil-proof-\d+-.+\.json$/)
    const bundle = JSON.parse(await readFile(await download.path(), 'utf8')) as ProofBundle
    assert.equal((await redecide(bundle)).verdict, 'holds')
  })
  await step('a scan tells how logins went, and what became of every check', async () => {
    await page.goto(`${world.url}/scans/${depth.scan}?tab=hosts`)
    await page.getByText('Login passed').first().waitFor()
    await looks('scan-logins')
    await page.goto(`${world.url}/scans/${depth.scan}?tab=coverage`)
    await page.getByText('What became of every check').waitFor()
    await looks('scan-checks')
  })
  await step('a host tells how it was read, and what is on it', async () => {
    await page.goto(`${world.url}/assets/${depth.ssh}?tab=software`)
    await page.getByText(/by password as audit/).waitFor()
    await looks('asset-logins')
  })
  assert.deepEqual(complaints, [])
})
