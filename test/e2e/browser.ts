import assert from 'node:assert/strict'
import { access, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium, type BrowserContext, type Page } from 'playwright-core'

const artifacts = fileURLToPath(new URL('../artifacts/e2e/', import.meta.url))
const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

export type Theme = 'light' | 'dark'
export const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } } as const
export type Size = keyof typeof sizes

/** What the page complained about: nothing may be left when a test ends. */
export type Watched = Readonly<{ page: Page; complaints: string[] }>

export type TestBrowser = Readonly<{
  /** A fresh person at a fresh browser; with `state`, one who is signed in. */
  open(
    options?: Readonly<{ theme?: Theme; size?: Size; state?: Awaited<ReturnType<BrowserContext['storageState']>> }>,
  ): Promise<Watched & Readonly<{ context: BrowserContext }>>
  stop(): Promise<void>
}>

/** Debian's Chromium with a profile of its own, which asks nobody outside. */
export async function startBrowser(): Promise<TestBrowser> {
  const path = '/usr/bin/chromium'
  await access(path).catch(() => assert.fail('Chromium is missing. Debian: apt-get install chromium'))
  const folder = await mkdtemp(join(tmpdir(), 'vigil-browser-'))
  const browser = await chromium.launch({
    executablePath: path,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    downloadsPath: folder,
  })
  await mkdir(artifacts, { recursive: true })
  return {
    async open({ theme = 'light', size = 'wide', state } = {}) {
      const context = await browser.newContext({
        viewport: sizes[size],
        colorScheme: theme,
        reducedMotion: 'reduce',
        ...(state === undefined ? {} : { storageState: state }),
      })
      const page = await context.newPage()
      page.setDefaultTimeout(30_000)
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(`error: ${error.message}`))
      page.on('console', (message) => {
        if (!['error', 'warning'].includes(message.type())) return
        complaints.push(`${message.type()}: ${message.text()} (${page.url()})`)
      })
      page.on('requestfailed', (request) => {
        // Leaving a page gives up what it was still asking for.
        const why = request.failure()?.errorText ?? ''
        if (why !== 'net::ERR_ABORTED') complaints.push(`failed: ${request.method()} ${request.url()} ${why}`)
      })
      page.on('request', (request) => {
        // The console is whole in itself: a request to anywhere else is a leak.
        const url = new URL(request.url())
        const isOwn = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname) || /^(?:data|blob):$/.test(url.protocol)
        if (!isOwn) complaints.push(`request to ${request.url()}`)
      })
      return { page, complaints, context }
    },
    async stop() {
      await browser.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Fails when the page can be pushed sideways. */
export async function assertFits(page: Page, name: string): Promise<void> {
  const overflow: number = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
  assert.ok(overflow <= 0, `${name} is ${overflow} px wider than the screen`)
}

/** Nothing is on its way any more: no skeleton, no spinner in a list, main has text. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main').getByText(/\S/).first().waitFor()
  await holds(page, 'document.querySelectorAll(\'[role=status][aria-label="Loading"], [aria-busy=true]\').length === 0')
}

/** Waits until an expression is true in the page. Asked from outside: the page's policy forbids to evaluate text inside it. */
export async function holds(page: Page, expression: string): Promise<void> {
  for (const end = Date.now() + 30_000; !(await page.evaluate<boolean>(expression));) {
    assert.ok(Date.now() < end, `after 30 s it still does not hold: ${expression}`)
    await new Promise((go) => setTimeout(go, 50))
  }
}

/** Kept for a person to look at; nothing is compared. */
export async function shot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(artifacts, `${name}.png`) })
}

type Violation = Readonly<{
  id: string
  impact: string | null
  nodes: readonly Readonly<{ target: readonly string[]; failureSummary: string }>[]
}>

/** Fails when axe finds anything serious. Evaluated over the protocol, since the page's policy forbids foreign script. */
export async function assertAccessible(page: Page, name: string): Promise<void> {
  if (!(await page.evaluate<boolean>('typeof axe === "object"'))) await page.evaluate(await axeSource)
  const run = 'axe.run(document, { resultTypes: ["violations"] }).then((result) => result.violations)'
  const violations: readonly Violation[] = await page.evaluate(run)
  const serious = violations.filter((one) => one.impact === 'serious' || one.impact === 'critical')
  const places = (one: Violation): string =>
    one.nodes
      .slice(0, 3)
      .map((node) => `${node.target.join(' ')} (${node.failureSummary})`)
      .join('; ')
  assert.deepEqual(
    serious.map((one) => `${one.id}: ${places(one)}`),
    [],
    name,
  )
}
