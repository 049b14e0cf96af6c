import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertAccessible, assertFits, settled, shot } from './browser.ts'
import { signUp, startConsole, story } from './console-world.ts'

test('an authentication record is made and changed, and its secret is never shown again', async (context) => {
  const world = await startConsole(context)
  const { page, complaints } = await signUp(world)
  const step = story(context, page)
  const secret = 'cT5-long-and-random-9k2'
  const looks = async (name: string): Promise<void> => {
    await settled(page)
    await assertAccessible(page, name)
    for (const [size, viewport] of [['wide', { width: 1440, height: 900 }], ['narrow', { width: 390, height: 844 }]] as const) {
      await page.setViewportSize(viewport)
      await settled(page)
      await assertFits(page, `${name} ${size}`)
      await shot(page, `${name}-${size}`)
    }
    await page.setViewportSize({ width: 1440, height: 900 })
  }

  await step('empty, it says what a login is good for', async () => {
    await page.goto(`${world.url}/settings/credentials`)
    await page.getByText('No authentication records').waitFor()
    await looks('credentials-none')
  })
  await step('a record is made', async () => {
    await page.getByRole('button', { name: 'Add record' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add record' })
    await dialog.getByLabel('Name').fill('Linux servers')
    await dialog.getByLabel('Targets').fill('127.0.0.0/28')
    await dialog.getByLabel('User', { exact: true }).fill('audit')
    await looks('credentials-dialog')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.getByText('The record lacks a password or a private key.').waitFor()
    await dialog.getByLabel('Password', { exact: true }).fill(secret)
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('cell', { name: 'Linux servers', exact: true }).waitFor()
    await looks('credentials-one')
  })
  await step('changed, it keeps its secret and does not show it', async () => {
    await page.getByRole('button', { name: 'Edit Linux servers' }).click()
    const dialog = page.getByRole('dialog', { name: 'Edit record' })
    await dialog.getByText('Kept. Leave it empty to leave it as it is.').first().waitFor()
    assert.equal(await dialog.getByLabel('Password', { exact: true }).inputValue(), '')
    assert.ok(!(await page.content()).includes(secret))
    await dialog.getByLabel('User', { exact: true }).fill('scanner')
    await dialog.getByRole('button', { name: 'Save' }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('cell', { name: 'scanner', exact: true }).waitFor()
  })
  // The record without a secret was refused on purpose.
  assert.deepEqual(complaints.filter((one) => !one.includes('status of 400')), [])
})
