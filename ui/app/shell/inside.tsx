import { useQueryClient } from '@tanstack/react-query'
import { Outlet, useNavigate, useRouter } from '@tanstack/react-router'
import { BookOpen, Bug, Server, ShieldAlert } from 'lucide-react'
import { useCallback, useEffect } from 'react'
import type { AssetPage } from '#api/rest/assets/schemas.ts'
import type { FindingPage } from '#api/rest/findings/schemas.ts'
import type { KnowledgeCheckPage, VulnerabilityPage } from '#api/rest/kb/vulnerability-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { toastError } from '#ui/kit/toast.tsx'
import { api } from '#ui/lib/api.ts'
import { hostText, portText } from '#ui/lib/counts.ts'
import { closeLive, openLive } from '#ui/lib/live.ts'
import { useSession } from '#ui/lib/session.ts'
import { bringPages } from './bring-pages.ts'
import type { Command } from './command-palette.tsx'
import { Shell } from './shell.tsx'

/** The frame with the session in it: live hints, search over everything, going to another organisation, leaving. */
export function Inside() {
  const session = useSession()
  const navigate = useNavigate()
  const client = useQueryClient()
  const router = useRouter()
  useEffect(() => bringPages(router), [router])
  useEffect(() => {
    openLive()
    return closeLive
  }, [session.organisation?.id])

  const search = useCallback(async (text: string, signal: AbortSignal): Promise<readonly Command[]> => {
    const may = (action: (typeof session.actions)[number]) => session.actions.includes(action)
    const q = `"${text.replace(/["\\]/g, '\\$&')}"`
    const [assets, findings, vulnerabilities, checks] = await Promise.allSettled([
      may('asset.read') ? api.get<AssetPage>('/assets', { q, limit: 6 }, signal) : null,
      may('finding.read') ? api.get<FindingPage>('/findings', { q, limit: 6 }, signal) : null,
      may('kb.read') ? api.get<VulnerabilityPage>('/kb/vulnerabilities', { q: text, limit: 6 }, signal) : null,
      may('kb.read') ? api.get<KnowledgeCheckPage>('/kb/checks', { q, limit: 6 }, signal) : null,
    ])
    const items = <T,>(result: PromiseSettledResult<Readonly<{ items: readonly T[] }> | null>): readonly T[] => (result.status === 'fulfilled' ? (result.value?.items ?? []) : [])
    return [
      ...items(assets).map((asset): Command => ({ id: `asset-${asset.id}`, group: t('palette.hosts'), label: hostText(asset), detail: asset.name === null ? (asset.os ?? '') : (asset.address ?? ''), icon: <Server aria-hidden />, run: () => void navigate({ to: '/assets/$id', params: { id: asset.id } }) })),
      ...items(findings).map((finding): Command => ({ id: `finding-${finding.id}`, group: t('nav.findings'), label: finding.title, detail: `${hostText(finding.asset)} ${portText(finding.port, finding.proto)}`, icon: <Bug aria-hidden />, run: () => void navigate({ to: '/findings', search: { open: finding.id, q } }) })),
      ...items(vulnerabilities).map((one): Command => ({ id: `vulnerability-${one.name}`, group: t('kb.vulnerabilities'), label: one.title === one.name ? one.name : `${one.name} ${one.title}`, icon: <ShieldAlert aria-hidden />, run: () => void navigate({ to: '/kb/vulnerabilities/$name', params: { name: one.name } }) })),
      ...items(checks).map((check): Command => ({ id: `check-${check.id}`, group: t('palette.checks'), label: check.title, detail: String(check.id), icon: <BookOpen aria-hidden />, run: () => void navigate({ to: '/kb/checks/$id', params: { id: String(check.id) } }) })),
    ]
  }, [navigate, session])

  const leave = async (work: Promise<unknown>, to: '/' | '/sign-in') => {
    try {
      await work
      // Nothing of one organisation may be seen in the next.
      closeLive()
      client.clear()
      location.assign(to)
    } catch (error) {
      toastError(error)
    }
  }
  return (
    <Shell
      session={session}
      onSwitch={(organisation) => void leave(api.put('/identity/session/organisation', { organisation }), '/')}
      onSignOut={() => void leave(api.post('/identity/sign-out'), '/sign-in')}
      search={search}
    >
      <Outlet />
    </Shell>
  )
}
