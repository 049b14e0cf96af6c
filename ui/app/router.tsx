import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { queryClient } from '#ui/lib/query-client.ts'
import { flag, list, oneOf, parseSearch, searchReader, stringifySearch, text, whole } from '#ui/lib/search-params.ts'
import { sessionOptions } from '#ui/lib/session.ts'
import { hasStatus } from '#ui/lib/problem.ts'
import { FailedPage, LostPage } from './lost.tsx'

/** Every page of the console with the parameters its address may carry. Pages load when they are first opened. */
const root = createRootRoute({ component: Outlet, notFoundComponent: () => <main className="pt-[12vh]"><LostPage /></main>, errorComponent: FailedPage })

/** What needs no session. */
const welcome = createRoute({
  getParentRoute: () => root, path: '/welcome',
  component: lazyRouteComponent(() => import('./entrance/welcome.tsx'), 'WelcomePage'),
})
const signIn = createRoute({
  getParentRoute: () => root, path: '/sign-in', validateSearch: searchReader({ next: text, forgot: flag }),
  component: lazyRouteComponent(() => import('./entrance/sign-in.tsx'), 'SignInPage'),
})
/** What needs one. Who is not signed in comes back here afterwards. */
const inside = createRoute({
  getParentRoute: () => root, id: 'inside',
  beforeLoad: async ({ location }) => {
    try {
      await queryClient.ensureQueryData(sessionOptions)
    } catch (error) {
      if (hasStatus(error, 401)) throw redirect({ to: '/sign-in', search: { next: location.href } })
      throw error
    }
  },
  component: lazyRouteComponent(() => import('./shell/inside.tsx'), 'Inside'),
  notFoundComponent: LostPage, errorComponent: FailedPage,
})
const within = { getParentRoute: () => inside, errorComponent: FailedPage } as const

const home = createRoute({ ...within, path: '/', component: lazyRouteComponent(() => import('./home/home.tsx'), 'HomePage') })
const onboarding = createRoute({ ...within, path: '/onboarding', component: lazyRouteComponent(() => import('./onboarding/onboarding.tsx'), 'OnboardingPage') })
const findings = createRoute({
  ...within, path: '/findings',
  validateSearch: searchReader({ q: text, sort: text, cols: list, open: text, view: oneOf('what', 'proof', 'fix', 'history', 'elsewhere') }),
  component: lazyRouteComponent(() => import('./findings/findings.tsx'), 'FindingsPage'),
})
const assets = createRoute({
  ...within, path: '/assets',
  validateSearch: searchReader({ tab: oneOf('hosts', 'certificates', 'addresses', 'groups', 'networks', 'exclusions'), q: text, sort: text, cols: list, add: flag, open: text }),
  component: lazyRouteComponent(() => import('./assets/assets.tsx'), 'AssetsPage'),
})
const asset = createRoute({
  ...within, path: '/assets/$id',
  validateSearch: searchReader({ tab: oneOf('findings', 'services', 'software', 'timeline', 'coverage'), q: text, vulnerable: flag }),
  component: lazyRouteComponent(() => import('./assets/asset.tsx'), 'AssetPage'),
})
const scans = createRoute({
  ...within, path: '/scans',
  validateSearch: searchReader({ tab: oneOf('scans', 'schedules', 'profiles'), state: text, kind: text, text: text, schedule: text, edit: text, compare: text }),
  component: lazyRouteComponent(() => import('./scans/scans.tsx'), 'ScansPage'),
})
const newScan = createRoute({
  ...within, path: '/scans/new',
  validateSearch: searchReader({ targets: text, group: text, profile: text }),
  component: lazyRouteComponent(() => import('./scans/new-scan.tsx'), 'NewScanPage'),
})
const scan = createRoute({
  ...within, path: '/scans/$id',
  validateSearch: searchReader({ tab: oneOf('live', 'findings', 'hosts', 'coverage', 'targets'), outcome: text, open: text }),
  component: lazyRouteComponent(() => import('./scans/scan.tsx'), 'ScanPage'),
})
const compare = createRoute({
  ...within, path: '/scans/$id/compare/$other',
  validateSearch: searchReader({ change: oneOf('new', 'gone', 'notTested') }),
  component: lazyRouteComponent(() => import('./scans/compare.tsx'), 'ComparePage'),
})
/** The KnowledgeBase: its lists share a frame with tabs, the page of one thing stands alone. */
const kbPages = createRoute({ ...within, id: 'kb-pages', component: lazyRouteComponent(() => import('./knowledge/knowledge-layout.tsx'), 'KnowledgeLayout') })
const inKb = { getParentRoute: () => kbPages, errorComponent: FailedPage } as const
const knowledgePages = [
  createRoute({ ...inKb, path: '/kb/vulnerabilities', validateSearch: searchReader({ q: text, sort: text, cols: list }), component: lazyRouteComponent(() => import('./knowledge/vulnerability/vulnerabilities.tsx'), 'VulnerabilitiesPage') }),
  createRoute({ ...inKb, path: '/kb/checks', validateSearch: searchReader({ q: text, sort: text, cols: list }), component: lazyRouteComponent(() => import('./knowledge/check/checks.tsx'), 'ChecksPage') }),
  createRoute({ ...inKb, path: '/kb/threats', validateSearch: searchReader({ kind: oneOf('exploited', 'weaponised', 'likely') }), component: lazyRouteComponent(() => import('./knowledge/threats.tsx'), 'ThreatsPage') }),
  createRoute({ ...inKb, path: '/kb/top10', validateSearch: searchReader({ of: oneOf('organisation', 'platform') }), component: lazyRouteComponent(() => import('./knowledge/top-ten.tsx'), 'TopTenPage') }),
  createRoute({ ...inKb, path: '/kb/updates', validateSearch: searchReader({ week: text }), component: lazyRouteComponent(() => import('./knowledge/updates.tsx'), 'UpdatesPage') }),
  createRoute({ ...inKb, path: '/kb/sources', component: lazyRouteComponent(() => import('./knowledge/sources.tsx'), 'SourcesPage') }),
  createRoute({ ...inKb, path: '/kb/lists', validateSearch: searchReader({ open: text }), component: lazyRouteComponent(() => import('./knowledge/search-list/search-lists.tsx'), 'SearchListsPage') }),
  createRoute({ ...inKb, path: '/kb/releases', validateSearch: searchReader({ number: whole }), component: lazyRouteComponent(() => import('./knowledge/releases.tsx'), 'ReleasesPage') }),
  createRoute({ ...inKb, path: '/kb/drafts', validateSearch: searchReader({ q: text, create: flag }), component: lazyRouteComponent(() => import('./knowledge/draft/drafts.tsx'), 'DraftsPage') }),
] as const
const knowledgeThings = [
  createRoute({ ...within, path: '/kb', beforeLoad: () => { throw redirect({ to: '/kb/vulnerabilities', replace: true }) } }),
  createRoute({ ...within, path: '/kb/vulnerabilities/$name', component: lazyRouteComponent(() => import('./knowledge/vulnerability/vulnerability.tsx'), 'VulnerabilityPage') }),
  createRoute({ ...within, path: '/kb/checks/$id', component: lazyRouteComponent(() => import('./knowledge/check/check.tsx'), 'CheckPage') }),
  createRoute({ ...within, path: '/kb/drafts/$id', component: lazyRouteComponent(() => import('./knowledge/draft/draft.tsx'), 'DraftPage') }),
  // Where checks were before the KnowledgeBase had rooms: old links go on to lead there.
  createRoute({ ...within, path: '/checks', validateSearch: searchReader({ q: text }), beforeLoad: ({ search }) => { throw redirect({ to: '/kb/checks', search, replace: true }) } }),
  createRoute({ ...within, path: '/checks/$id', beforeLoad: ({ params }) => { throw redirect({ to: '/kb/checks/$id', params, replace: true }) } }),
] as const
const reports = createRoute({
  ...within, path: '/reports',
  validateSearch: searchReader({ create: flag, q: text, scan: text }),
  component: lazyRouteComponent(() => import('./reports/reports.tsx'), 'ReportsPage'),
})
const settings = createRoute({ ...within, path: '/settings', component: lazyRouteComponent(() => import('./settings/settings.tsx'), 'SettingsLayout') })
const inSettings = { getParentRoute: () => settings, errorComponent: FailedPage } as const
const settingsPages = [
  createRoute({ ...inSettings, path: '/', component: lazyRouteComponent(() => import('./settings/organisation.tsx'), 'OrganisationPage') }),
  createRoute({ ...inSettings, path: '/people', validateSearch: searchReader({ invite: flag }), component: lazyRouteComponent(() => import('./settings/people.tsx'), 'PeoplePage') }),
  createRoute({ ...inSettings, path: '/units', component: lazyRouteComponent(() => import('./settings/units.tsx'), 'UnitsPage') }),
  createRoute({ ...inSettings, path: '/credentials', component: lazyRouteComponent(() => import('./settings/credentials.tsx'), 'CredentialsPage') }),
  createRoute({ ...inSettings, path: '/scanners', validateSearch: searchReader({ add: flag }), component: lazyRouteComponent(() => import('./settings/scanners.tsx'), 'ScannersPage') }),
  createRoute({ ...inSettings, path: '/tokens', component: lazyRouteComponent(() => import('./settings/tokens.tsx'), 'TokensPage') }),
  createRoute({ ...inSettings, path: '/audit', validateSearch: searchReader({ q: text, action: text }), component: lazyRouteComponent(() => import('./settings/audit.tsx'), 'AuditPage') }),
  createRoute({ ...inSettings, path: '/security', component: lazyRouteComponent(() => import('./settings/security.tsx'), 'SecurityPage') }),
] as const

const gallery = createRoute({
  getParentRoute: () => root, path: '/gallery',
  validateSearch: searchReader({ part: oneOf('kit', 'data', 'text', 'charts', 'shell'), sort: text, open: text, q: text, cols: list }),
  component: lazyRouteComponent(() => (import.meta.env.DEV ? import('./gallery/gallery.tsx') : Promise.reject(new Error('The gallery is there in development only.'))), 'Gallery'),
})

const tree = root.addChildren([
  welcome, signIn, ...(import.meta.env.DEV ? [gallery] : []),
  inside.addChildren([home, onboarding, findings, assets, asset, scans, newScan, scan, compare, kbPages.addChildren(knowledgePages), ...knowledgeThings, reports, settings.addChildren(settingsPages)]),
])

export const router = createRouter({ routeTree: tree, parseSearch, stringifySearch, defaultPreload: 'intent', defaultPreloadStaleTime: 0 })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
