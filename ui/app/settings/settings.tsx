import { Outlet } from '@tanstack/react-router'
import { Building2, FileKey, KeyRound, LockKeyhole, Network, Radar, ScrollText, Users, type LucideIcon } from 'lucide-react'
import type { Action } from '#ui/lib/session.ts'
import { t, type TextKey } from '#ui/i18n/text.ts'
import { Page, PageHeader } from '#ui/kit/page.tsx'
import { SubNavigation, type SubPage } from '#ui/kit/sub-navigation.tsx'
import { useCan } from '#ui/lib/session.ts'

const pages: readonly Readonly<{ link: SubPage['link']; name: TextKey; icon: LucideIcon; needs?: Action }>[] = [
  { link: { to: '/settings' }, name: 'settings.organisation', icon: Building2, needs: 'organisation.read' },
  { link: { to: '/settings/people' }, name: 'settings.people', icon: Users, needs: 'people.read' },
  { link: { to: '/settings/units' }, name: 'settings.units', icon: Network, needs: 'people.read' },
  { link: { to: '/settings/scanners' }, name: 'settings.scanners', icon: Radar, needs: 'scanner.read' },
  { link: { to: '/settings/credentials' }, name: 'settings.credentials', icon: FileKey, needs: 'credential.manage' },
  { link: { to: '/settings/tokens' }, name: 'settings.tokens', icon: KeyRound, needs: 'token.own' },
  { link: { to: '/settings/audit' }, name: 'settings.audit', icon: ScrollText, needs: 'audit.read' },
  { link: { to: '/settings/security' }, name: 'settings.security', icon: LockKeyhole },
]

export function SettingsLayout() {
  const can = useCan()
  return (
    <Page>
      <PageHeader title={t('nav.settings')} />
      <div className="flex flex-col gap-6 lg:flex-row">
        <SubNavigation side label={t('settings.pages')} pages={pages.filter((page) => page.needs === undefined || can(page.needs)).map((page) => ({ ...page, name: t(page.name) }))} />
        <div className="flex min-w-0 flex-1 flex-col gap-4"><Outlet /></div>
      </div>
    </Page>
  )
}
