import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openRange } from '#lab/range.ts'
import { assertAccessible, assertFits, holds, settled, shot, type Size, type Theme, type Watched } from './browser.ts'
import { register, scanNow, signUp, startConsole } from './console-world.ts'

const net = 78

test('every page, each size and theme: no complaint, nothing serious for axe, nothing wider than the screen', async (context) => {
  const world = await startConsole(context)
  const range = await openRange(Date.now(), net)
  context.after(range.close)
  const { context: person, call } = await signUp(world)

  // Something of everything, so that every page has something to show.
  const ports = [
    ...new Set(range.hosts.flatMap((host) => host.weak.ports.filter((one) => one.proto === 'tcp').map((one) => one.port))),
  ].join(',')
  await register(call, `127.${net}.0.0/27, a-name-of-a-host-that-is-rather-long.some-department.example.org`)
  await call.post('/units', { name: 'Research' })
  await call.post('/invitations', { email: 'grace.hopper.with.a.long.name@research.example.org', role: 'reader' })
  await call.post('/networks', { name: 'Warehouse Leeds' })
  await call.post('/exclusions', { text: `127.${net}.0.30`, comment: 'The old press: it stops when somebody knocks' })
  await call.post('/groups', {
    name: 'Shop and its stores',
    text: `127.${net}.0.5-127.${net}.0.8`,
    comment: 'What the shop runs on',
  })
  await call.post('/schedules', {
    name: 'Servers, weekly',
    timeZone: 'Europe/Berlin',
    startsAt: '2026-01-02T22:00',
    recurrence: { kind: 'weekly', every: 1, days: ['FR'] },
    targets: `127.${net}.0.1`,
  })
  await call.post('/tokens', { name: 'Nightly export', role: 'reader' })
  await call.post('/scanners', { name: 'Warehouse' })
  const first = await scanNow(call, `127.${net}.0.1-127.${net}.0.8`, ports, 'First look')
  const second = await scanNow(
    call,
    `127.${net}.0.1-127.${net}.0.16, 127.${net}.9.9`,
    ports,
    'Everything, with the edge of the network and what nobody registered',
  )
  await call.post('/reports', { kind: 'technical', format: 'html', title: 'What there is to do this week' })
  type Finding = { id: string; asset: { id: string } }
  const finding = (await call.get<{ items: Finding[] }>('/findings?sort=-score')).items[0]!
  await call.post('/findings/ignore', {
    ids: [(await call.get<{ items: Finding[] }>('/findings?q=severity:3')).items[0]!.id],
    reason: 'acceptedRisk',
    comment: 'Until the move',
  })

  const open = `/findings?open=${finding.id}`
  const asset = `/assets/${finding.asset.id}`
  const scan = `/scans/${second}`
  const paths = [
    '/',
    '/onboarding',
    '/findings',
    '/findings?q=severity:5 status:new',
    open,
    `${open}&view=proof`,
    `${open}&view=fix`,
    `${open}&view=history`,
    `${open}&view=elsewhere`,
    '/assets',
    '/assets?tab=certificates',
    '/assets?tab=addresses',
    '/assets?tab=groups',
    '/assets?tab=networks',
    '/assets?tab=exclusions',
    '/assets?add=1',
    asset,
    `${asset}?tab=services`,
    `${asset}?tab=timeline`,
    `${asset}?tab=coverage`,
    '/scans',
    '/scans?tab=schedules',
    '/scans?tab=schedules&edit=new',
    '/scans?tab=profiles',
    '/scans/new',
    scan,
    `${scan}?tab=findings`,
    `${scan}?tab=hosts`,
    `${scan}?tab=coverage`,
    `${scan}?tab=targets`,
    `${scan}/compare/${first}`,
    '/kb/vulnerabilities',
    '/kb/checks',
    '/kb/checks/40101',
    '/kb/threats',
    '/kb/sources',
    '/kb/drafts',
    `${asset}?tab=software`,
    '/reports',
    '/reports?create=1',
    '/settings',
    '/settings/people',
    '/settings/people?invite=1',
    '/settings/units',
    '/settings/scanners',
    '/settings/scanners?add=1',
    '/settings/credentials',
    '/settings/tokens',
    '/settings/audit',
    '/settings/security',
    '/nowhere',
  ]
  const nameOf = (path: string): string =>
    path === '/'
      ? 'home'
      : path
          .slice(1)
          .replace(finding.id, 'one')
          .replace(finding.asset.id, 'one')
          .replace(second, 'one')
          .replace(first, 'two')
          .replaceAll(/[^a-z0-9]+/g, '-')

  const failures: string[] = []
  const check = async ({ page, complaints }: Watched, path: string, size: Size): Promise<void> => {
    for (const theme of ['light', 'dark'] satisfies Theme[]) {
      const name = `${path} ${size} ${theme}`
      await page.emulateMedia({ colorScheme: theme })
      if (theme === 'light') await page.goto(world.url + path, { waitUntil: 'load' })
      // A page that is open follows the theme of the system by itself; the few outside the session are loaded anew for it.
      if (!(await page.evaluate<boolean>(`document.documentElement.dataset.theme === '${theme}'`))) await page.reload()
      await page.locator(`html[data-theme=${theme}]`).waitFor()
      await settled(page)
      // Colours on their way to the other theme are neither.
      await holds(page, 'document.getAnimations().length === 0')
      await shot(page, `pages-${nameOf(path)}-${size}-${theme}`)
      for (const look of [assertFits, assertAccessible])
        await look(page, name).catch((error: Error) => failures.push(`${name}: ${error.message}`))
    }
    failures.push(...complaints.splice(0).map((one) => `${path} ${size}: ${one}`))
  }

  // Both sizes at once: what takes the time is the browser.
  const state = await person.storageState()
  await Promise.all(
    (['wide', 'narrow'] satisfies Size[]).map(async (size) => {
      const opened = await world.browser.open({ size, state })
      for (const path of paths) await check(opened, path, size)
      // Without a session: the pages before it.
      await opened.context.clearCookies()
      for (const path of ['/sign-in', '/sign-in?forgot=1', '/welcome', '/welcome#token=not-a-token'])
        await check(opened, path, size)
      await opened.context.close()
    }),
  )
  // That there is no session, and that the token is none, is answered on purpose.
  assert.deepEqual(
    failures.filter((one) => !/(?:welcome|sign-in).*status of (?:400|401)/.test(one)),
    [],
  )
})
