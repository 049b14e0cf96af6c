import assert from 'node:assert/strict'
import { test } from 'node:test'
import { placeMember } from '#platform/kb/draft-team.ts'
import { openStore } from '#store/open.ts'
import { assertAccessible, assertFits, settled, shot } from './browser.ts'
import { ledgerCheck } from '../ledger-check.ts'
import { caller, password, signUp, startConsole, story } from './console-world.ts'

const check = ledgerCheck()

test('a check is written by one person, reviewed by another, tested, tried and published', async (context) => {
  const world = await startConsole(context)
  const { page, complaints, call } = await signUp(world)
  const step = story(context, page)
  const { link } = await call.post<{ link: string }>('/invitations', { email: 'grace@example.org', role: 'manager' })
  const second = await world.browser.open()
  await caller(second.context, world.url).post('/identity/join', { token: link.split('token=')[1], name: 'Grace Hopper', password })
  // As `vigil kb team add` does it.
  const opened = await openStore({ data: world.data, shared: true })
  await opened.store.platform((tx) => placeMember(tx, 'grace@example.org', { author: false, reviewer: true, publisher: true }, new Date()))
  await opened.close()

  await step('it is begun with every field it needs, and what is wrong with it is told', async () => {
    await page.goto(`${world.url}/kb/drafts`)
    await page.getByText('No drafts yet').waitFor()
    await page.getByRole('button', { name: 'New draft' }).first().click()
    await page.getByRole('dialog', { name: 'New draft' }).getByRole('button', { name: 'Begin' }).click()
    await page.waitForURL(/\/kb\/drafts\/[0-9a-f-]{36}/)
    await page.getByRole('region', { name: 'To be put right first' }).waitFor()
    await page.getByLabel('Signature, YAML').fill(check)
    await page.getByLabel('Change log').fill('Recognises ledgers that anybody can read.')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('heading', { level: 1, name: 'Ledger answers without a login' }).waitFor()
    await page.getByRole('region', { name: 'To be put right first' }).waitFor({ state: 'detached' })
  })

  await step('who wrote it hands it on, and cannot approve it', async () => {
    await page.getByRole('button', { name: 'Submit for review' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Submit for review' }).click()
    await page.locator('li[aria-current=step]').getByText('Review').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Approve' }).count(), 0)
  })

  await step('a second person sends it back with words, and approves what comes again', async () => {
    const other = second.page
    await other.goto(page.url())
    await other.getByRole('button', { name: 'Send back' }).click()
    await other.getByRole('dialog').getByLabel('Comment').fill('Say which ledgers.')
    await other.getByRole('dialog').getByRole('button', { name: 'Send back' }).click()
    await other.locator('li[aria-current=step]').getByText('Draft').waitFor()
    await page.reload()
    await page.getByText('Say which ledgers.').waitFor()
    await page.getByRole('button', { name: 'Submit for review' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Submit for review' }).click()
    await page.locator('li[aria-current=step]').getByText('Review').waitFor()
    await other.reload()
    await other.getByRole('button', { name: 'Approve' }).click()
    await other.getByRole('dialog').getByRole('button', { name: 'Approve' }).click()
    await other.locator('li[aria-current=step]').getByText('Approved').waitFor()
  })

  await step('the regression judges every fixture; then it is tried, and published', async () => {
    const other = second.page
    await other.getByRole('button', { name: 'Run regression' }).click()
    await other.locator('li[aria-current=step]').getByText('Tested').waitFor()
    await other.getByRole('region', { name: 'Regression' }).getByText('fires[0]').waitFor()
    await settled(other)
    for (const look of [assertFits, assertAccessible]) await look(other, 'a draft that is tested')
    await shot(other, 'draft-tested')
    for (const [name, state] of [['Stage', 'Staged'], ['Publish', 'Published']] as const) {
      await other.getByRole('button', { name, exact: true }).click()
      await other.getByRole('dialog').getByRole('button', { name, exact: true }).click()
      await other.locator('li[aria-current=step]').getByText(state).waitFor()
    }
  })

  await step('the board shows where it is, and its page what everybody reads', async () => {
    await page.goto(`${world.url}/kb/drafts`)
    await page.getByRole('listitem').filter({ hasText: 'Published' }).getByRole('link', { name: /Ledger answers/ }).waitFor()
    await page.goto(`${world.url}/kb/checks/9000001`)
    await page.getByRole('heading', { level: 1, name: 'Ledger answers without a login' }).waitFor()
  })

  assert.deepEqual([...complaints, ...second.complaints].filter((one) => !one.includes('status of 401')), [])
})
