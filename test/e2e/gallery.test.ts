import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { AddressInfo } from 'node:net'
import { createServer } from 'vite'
import { assertAccessible, shot, startBrowser, type Size, type Theme } from './browser.ts'

test('every component in every state: no complaint, nothing serious for axe, light and dark, wide and narrow', async (context) => {
  const vite = await createServer({ configFile: fileURLToPath(new URL('../../ui/vite.config.ts', import.meta.url)), logLevel: 'error', server: { port: 0, host: '127.0.0.1', hmr: false } })
  await vite.listen()
  context.after(() => vite.close())
  const browser = await startBrowser()
  context.after(browser.stop)
  const origin = `http://127.0.0.1:${(vite.httpServer!.address() as AddressInfo).port}`

  for (const theme of ['light', 'dark'] satisfies Theme[]) {
    for (const size of ['wide', 'narrow'] satisfies Size[]) {
      const { page, complaints, context: person } = await browser.open({ theme, size })
      for (const part of ['kit', 'data', 'text', 'charts', 'shell']) {
        await page.goto(`${origin}/gallery?part=${part}`, { waitUntil: 'load' })
        await page.getByRole('heading', { level: 1 }).first().waitFor()
        assert.equal(await page.locator('html').getAttribute('data-theme'), theme)
        await assertAccessible(page, `${part} ${theme} ${size}`)
        await shot(page, `gallery-${part}-${theme}-${size}`)
        const overflow: number = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
        assert.ok(overflow <= 0, `${part} is ${overflow} px wider than a ${size} screen`)
      }
      // The live stream has nobody to speak to here.
      assert.deepEqual(complaints.filter((one) => !one.includes('/api/v1/events')), [])
      await person.close()
    }
  }
})

test('the table is walked by keyboard, and the palette opens from anywhere', async (context) => {
  const vite = await createServer({ configFile: fileURLToPath(new URL('../../ui/vite.config.ts', import.meta.url)), logLevel: 'error', server: { port: 0, host: '127.0.0.1', hmr: false } })
  await vite.listen()
  context.after(() => vite.close())
  const browser = await startBrowser()
  context.after(browser.stop)
  const origin = `http://127.0.0.1:${(vite.httpServer!.address() as AddressInfo).port}`
  const { page } = await browser.open()
  await page.goto(`${origin}/gallery?part=data`)

  const grid = page.getByRole('grid')
  await grid.focus()
  await page.keyboard.press('j')
  await page.keyboard.press('j')
  assert.equal(await grid.getAttribute('aria-activedescendant'), 'row-f2')
  await page.keyboard.press('Enter')
  await page.waitForURL(/open=f2/)
  await page.keyboard.press('j')
  await page.waitForURL(/open=f3/)
  await page.keyboard.press('x')
  await page.getByText('1 selected').waitFor()
  await page.keyboard.press('Escape')
  await page.waitForURL((url) => !url.search.includes('open='))
  // The end of what is loaded fetches more; only some dozens of 5,000 rows are ever drawn.
  for (let press = 0; press < 4; press++) await page.keyboard.press('End')
  assert.ok((await page.getByRole('row').count()) < 80)

  await page.getByRole('combobox').first().click()
  await page.keyboard.type('severity:5 ')
  await page.waitForURL(/q=severity:5/)
  await page.getByRole('button', { name: /^Critical/ }).click()
  await page.waitForURL(/q=severity:5,4/)

  await page.goto(`${origin}/gallery?part=shell`)
  await page.getByRole('heading', { name: 'Home' }).waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('dark')
  await page.keyboard.press('Enter')
  await page.locator('html[data-theme=dark]').waitFor()
})
