import { getRouteApi } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { t } from '#ui/i18n/text.ts'
import { ButtonLink } from '#ui/kit/button.tsx'
import { Page, PageHeader } from '#ui/kit/page.tsx'
import { Tabs } from '#ui/kit/tabs.tsx'
import { useCan } from '#ui/lib/session.ts'
import { ProfilesTab } from './profiles-tab.tsx'
import { ScansTab } from './scans-tab.tsx'
import { SchedulesTab } from './schedules-tab.tsx'

const route = getRouteApi('/inside/scans')

export function ScansPage() {
  const { tab = 'scans' } = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  return (
    <Page kind="fixed">
      <PageHeader inset title={t('nav.scans')} actions={can('scan.launch') && <ButtonLink to="/scans/new" look="primary" icon={<Play aria-hidden />}>{t('scans.start')}</ButtonLink>} />
      <Tabs
        label={t('nav.scans')}
        value={tab}
        onChange={(next) => void navigate({ search: { tab: next === 'scans' ? undefined : next } })}
        inset
        fill
        tabs={[{ value: 'scans', label: t('nav.scans') }, { value: 'schedules', label: t('schedules.title') }, { value: 'profiles', label: t('profiles.title') }]}
      >
        {tab === 'scans' && <ScansTab />}
        {tab === 'schedules' && <SchedulesTab />}
        {tab === 'profiles' && <ProfilesTab />}
      </Tabs>
    </Page>
  )
}
