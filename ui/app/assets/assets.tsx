import { getRouteApi } from '@tanstack/react-router'
import { Play, Plus } from 'lucide-react'
import { t } from '#ui/i18n/text.ts'
import { Button, ButtonLink } from '#ui/kit/button.tsx'
import { Page, PageHeader } from '#ui/kit/page.tsx'
import { Tabs } from '#ui/kit/tabs.tsx'
import { useCan } from '#ui/lib/session.ts'
import { AddressDialog } from './address-dialog.tsx'
import { AddressesTab } from './addresses-tab.tsx'
import { CertificatesTab } from './certificates-tab.tsx'
import { ExclusionsTab } from './exclusions-tab.tsx'
import { GroupsTab } from './groups-tab.tsx'
import { HostsTab } from './hosts-tab.tsx'
import { NetworksTab } from './networks-tab.tsx'

const route = getRouteApi('/inside/assets')

export function AssetsPage() {
  const { tab = 'hosts', add = false } = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const setAdd = (next: boolean) => void navigate({ search: (before) => ({ ...before, add: next ? (true as const) : undefined }), replace: true })
  return (
    <Page kind="fixed">
      <PageHeader
        inset
        title={t('nav.assets')}
        actions={
          <>
            {can('scan.launch') && <ButtonLink to="/scans/new" icon={<Play aria-hidden />}>{t('scans.start')}</ButtonLink>}
            {can('asset.edit') && <Button look="primary" icon={<Plus aria-hidden />} onClick={() => setAdd(true)}>{t('assets.add')}</Button>}
          </>
        }
      />
      <Tabs
        label={t('nav.assets')}
        value={tab}
        onChange={(next) => void navigate({ search: { tab: next === 'hosts' ? undefined : next } })}
        inset
        fill
        tabs={(['hosts', 'certificates', 'addresses', 'groups', 'networks', 'exclusions'] as const).map((value) => ({ value, label: t(`assets.tab_${value}`) }))}
      >
        {tab === 'hosts' && <HostsTab onAdd={() => setAdd(true)} />}
        {tab === 'certificates' && <CertificatesTab />}
        {tab === 'addresses' && <AddressesTab onAdd={() => setAdd(true)} />}
        {tab === 'groups' && <GroupsTab />}
        {tab === 'networks' && <NetworksTab />}
        {tab === 'exclusions' && <ExclusionsTab />}
      </Tabs>
      <AddressDialog open={add} onClose={() => setAdd(false)} onScan={(targets) => void navigate({ to: '/scans/new', search: { targets } })} />
    </Page>
  )
}
