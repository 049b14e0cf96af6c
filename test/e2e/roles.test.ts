import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redis } from '#lab/services/stores.ts'
import { assertAccessible, settled, shot } from './browser.ts'
import { openService, password, register, scanNow, signUp, startConsole, story } from './console-world.ts'

const inGroup = '127.76.0.1'
const outside = '127.76.0.2'

/** Names of what changes something; a reader's console offers none of it. */
const deedNames = [
  'Start a scan',
  'Scan',
  'Scan now',
  'Scan again',
  'Scan them',
  'Scan group',
  'Pause',
  'Resume',
  'Cancel scan',
  'Begin',
  'Register',
  'Add addresses',
  'New group',
  'New exclusion',
  'Exclude',
  'New network',
  'New schedule',
  'Make default',
  'Verify fix',
  'Test again',
  'Adjust',
  'New search list',
  'New draft',
  'Upload packages',
  'Ignore',
  'Stop ignoring',
  'Invite a person',
  'New unit',
  'Add scanner',
  'Make an organisation',
]
const isDeed = (name: string): boolean => deedNames.includes(name) || /^(?:Remove|Edit)/.test(name)

/** As much of an element as is looked at; the types of the browser are not those of these tests. */
type Shown = Readonly<{ checkVisibility(): boolean; getAttribute(name: string): string | null; innerText: string }>

test('what a person may not do is not offered, and what is not theirs is not there', async (context) => {
  const world = await startConsole(context)
  const { page, call } = await signUp(world)
  for (const host of [inGroup, outside]) context.after((await openService(redis, host)).stop)
  await register(call, '127.76.0.0/30')
  const scan = await scanNow(call, `${inGroup}, ${outside}`, '6379')
  await call.post('/groups', { name: 'Shop', text: inGroup, comment: '' })
  await call.post('/schedules', {
    name: 'Weekly',
    timeZone: 'UTC',
    startsAt: '2100-01-01T08:00',
    recurrence: { kind: 'once' },
    targets: inGroup,
  })
  type Finding = { id: string; asset: { id: string; address: string } }
  const all = (await call.get<{ items: Finding[] }>('/findings?q=check:40101')).items
  const mine = all.find((one) => one.asset.address === inGroup)!
  const hidden = all.find((one) => one.asset.address === outside)!
  const step = story(context, page)

  let link = ''
  await step('a reader is invited by a link that is shown once', async () => {
    await page.goto(`${world.url}/settings/people?invite=1`)
    const dialog = page.getByRole('dialog', { name: 'Invite a person' })
    await dialog.getByLabel('E-mail address').fill('grace@example.org')
    await dialog.getByLabel('Role').click()
    await page.getByRole('option', { name: /^Reader/ }).click()
    await dialog.getByLabel('Asset groups').click()
    await page.getByRole('option', { name: 'Shop' }).click()
    await page.keyboard.press('Escape')
    await dialog.getByRole('button', { name: 'Make the link' }).click()
    const made = page.getByRole('dialog', { name: 'One-time link' })
    link = (await made.locator('code').first().textContent())!.trim()
    assert.ok(link.startsWith(`${world.url}/welcome#token=`), link)
    await assertAccessible(page, 'one-time link')
    await shot(page, 'roles-link')
    await made.getByRole('button', { name: 'Done' }).click()
    await page.getByText('grace@example.org').waitFor()
  })

  const reader = await world.browser.open()
  await step('the link makes the account', async () => {
    await reader.page.goto(link)
    await reader.page.getByRole('heading', { name: 'Join Analytical Engines' }).waitFor()
    await shot(reader.page, 'roles-join')
    await reader.page.getByLabel('Your name').fill('Grace Hopper')
    await reader.page.getByLabel('Password', { exact: true }).fill(password)
    await reader.page.getByRole('button', { name: 'Accept invitation' }).click()
    await reader.page.getByRole('button', { name: 'I have saved them' }).click()
    await reader.page.getByRole('heading', { name: 'Home' }).waitFor()
    await settled(reader.page)
    await shot(reader.page, 'roles-reader-home')
    const again = await world.browser.open()
    await again.page.goto(link)
    await again.page.getByRole('heading', { name: 'This link does not work' }).waitFor()
    await again.context.close()
  })

  await step('no page offers a reader what would be refused, nor asks for it', async () => {
    // What it took to get in is behind: from here on, nothing is refused.
    reader.complaints.length = 0
    const paths = [
      '/',
      '/findings',
      `/findings?open=${mine.id}`,
      '/assets',
      '/assets?tab=addresses',
      '/assets?tab=groups',
      '/assets?tab=networks',
      '/assets?tab=exclusions',
      `/assets/${mine.asset.id}`,
      '/scans',
      '/scans?tab=schedules',
      '/scans?tab=profiles',
      '/kb/vulnerabilities',
      '/kb/checks',
      '/kb/checks/40101',
      '/kb/threats',
      '/kb/top10',
      '/kb/updates',
      '/kb/sources',
      '/kb/lists',
      '/kb/releases',
      '/kb/drafts',
      `/assets/${mine.asset.id}?tab=software`,
      '/reports',
      '/settings/security',
      '/settings/tokens',
    ]
    const wrong: string[] = []
    for (const path of paths) {
      await reader.page.goto(world.url + path)
      await settled(reader.page)
      const main = reader.page.locator('main')
      // All in one look: a page that is still filling up would lose one between being counted and being read.
      const names = await main.evaluate((element) =>
        ([...element.querySelectorAll('button, [role=button], a[href], [role=link]')] as Shown[])
          .filter((one) => one.checkVisibility())
          .map((one) => (one.getAttribute('aria-label') ?? one.innerText).trim()),
      )
      wrong.push(...names.filter(isDeed).map((name) => `${path}: ${name}`))
      wrong.push(...reader.complaints.splice(0).map((one) => `${path}: ${one}`))
      await shot(
        reader.page,
        `roles-reader${path.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'one').replaceAll(/[^a-z0-9]+/g, '-')}`,
      )
    }
    assert.deepEqual(wrong, [])
  })

  await step('the palette offers a reader no deeds either', async () => {
    await reader.page.goto(world.url)
    await reader.page.getByRole('heading', { name: 'Home' }).waitFor()
    await reader.page.keyboard.press('Control+k')
    const options = reader.page.getByRole('dialog').getByRole('option')
    await options.first().waitFor()
    assert.deepEqual((await options.allInnerTexts()).map((text) => text.split('\n')[0]!).filter(isDeed), [])
    await reader.page.keyboard.press('Escape')
  })

  await step('a reader sees the hosts of their groups and no other', async () => {
    await reader.page.goto(`${world.url}/findings`)
    await reader.page.getByRole('row').filter({ hasText: inGroup }).first().waitFor()
    assert.equal(await reader.page.getByRole('row').filter({ hasText: outside }).count(), 0)
    const panel = reader.page.getByRole('complementary', { name: 'Finding' })
    await reader.page.goto(`${world.url}/findings?open=${hidden.id}`)
    await panel.getByText('Not found').waitFor()
    // Another try would find nothing either.
    assert.equal(await panel.getByRole('button', { name: 'Try again' }).count(), 0)
    // No link leads to a scan that is not theirs to see.
    await reader.page.goto(`${world.url}/findings?open=${mine.id}&view=history`)
    await panel.getByRole('listitem').filter({ hasText: 'Found' }).first().waitFor()
    await settled(reader.page)
    assert.equal(await panel.getByRole('link', { name: 'See scan' }).count(), 0)
    // The scan looked at more than is theirs.
    for (const path of [`/assets/${hidden.asset.id}`, `/scans/${scan}`]) {
      await reader.page.goto(world.url + path)
      await reader.page.getByRole('main').getByText('Not found').waitFor()
    }
  })

  await step('in another organisation the same addresses lead to “not found”', async () => {
    const other = await call.post<{ id: string }>('/organisations', { name: 'Difference Engines' })
    await call.put('/identity/session/organisation', { organisation: other.id })
    await page.goto(`${world.url}/findings?open=${mine.id}`)
    await page.getByRole('complementary', { name: 'Finding' }).getByText('Not found').waitFor()
    await shot(page, 'roles-not-found-finding')
    await assertAccessible(page, 'finding of another organisation')
    assert.ok(!(await page.locator('main').innerText()).includes('Redis'))
    for (const path of [`/assets/${mine.asset.id}`, `/scans/${scan}`, `/scans/${scan}/compare/${mine.id}`]) {
      await page.goto(world.url + path)
      await page.getByRole('main').getByText('Not found').first().waitFor()
      assert.ok(!(await page.locator('main').innerText()).includes(inGroup), path)
    }
    await shot(page, 'roles-not-found')
  })
})
