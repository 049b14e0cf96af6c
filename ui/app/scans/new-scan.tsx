import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import type { AddressesPreview } from '#api/rest/assets/address-schemas.ts'
import type { AssetGroup } from '#api/rest/assets/group-schemas.ts'
import type { ProfileList } from '#api/rest/profiles/schemas.ts'
import type { ScannerList } from '#api/rest/scanners/schemas.ts'
import type { LaunchScan, Scan } from '#api/rest/scans/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { MultiCombobox } from '#ui/kit/combobox.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input, TextArea } from '#ui/kit/input.tsx'
import { TextLink } from '#ui/kit/link.tsx'
import { Grid, Page, PageHeader, Row, Section, Stack } from '#ui/kit/page.tsx'
import { Select } from '#ui/kit/select.tsx'
import { api } from '#ui/lib/api.ts'
import { formatBig, roughly } from '#ui/lib/counts.ts'
import { formatNumber } from '#ui/lib/format.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { useList } from '#ui/lib/use-list.ts'
import { networksOptions } from '../assets/address-form.tsx'

const route = getRouteApi('/inside/scans/new')
export const profilesOptions = { queryKey: ['profile', 'all'], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<ProfileList>('/profiles', {}, signal) }
export const scannersOptions = { queryKey: ['scanner', 'all'], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<ScannerList>('/scanners', {}, signal) }

/** One field is enough: what to scan. Everything else has a good answer already. */
export function NewScanPage() {
  const start = route.useSearch()
  const navigate = useNavigate()
  const [targets, setTargets] = useState(start.targets ?? '')
  const [groups, setGroups] = useState<string[]>(start.group === undefined ? [] : [start.group])
  const [title, setTitle] = useState('')
  const [profile, setProfile] = useState(start.profile ?? '')
  const [network, setNetwork] = useState('')
  const [scanner, setScanner] = useState('')
  const [priority, setPriority] = useState('5')
  const [pauseAfter, setPauseAfter] = useState('')
  const profiles = useQuery(profilesOptions)
  const networks = useQuery(networksOptions)
  const scanners = useQuery(scannersOptions)
  const known = useList<AssetGroup>('group', '/groups', {}, { limit: 200 })
  const items = profiles.data?.items ?? []
  const profileId = profile === '' ? (items.find((one) => one.isDefault)?.id ?? items[0]?.id ?? '') : profile
  const chosen = items.find((one) => one.id === profileId)
  const launch = useAction(
    () => api.post<Scan>('/scans', {
      ...(title.trim() === '' ? {} : { title }),
      ...(targets.trim() === '' ? {} : { targets }),
      ...(groups.length === 0 ? {} : { assetGroupIds: groups }),
      ...(profileId === '' ? {} : { profileId }),
      ...(network === '' ? {} : { networkId: network }),
      ...(scanner === '' ? {} : { scannerId: scanner }),
      ...(priority === '5' ? {} : { priority: Number(priority) }),
      ...(pauseAfter === '' ? {} : { pauseAfterMinutes: Number(pauseAfter) }),
    } satisfies LaunchScan),
    { touches: ['scan', 'dashboard'], quiet: true, after: (scan) => void navigate({ to: '/scans/$id', params: { id: scan.id } }) },
  )
  return (
    <Page kind="narrow">
      <PageHeader crumbs={[{ label: t('nav.scans'), link: { to: '/scans' } }]} title={t('scans.start')} />
      <form onSubmit={(event) => { event.preventDefault(); launch.mutate() }}>
        <Stack gap={6}>
          <Section>
            <Stack>
              <FormField label={t('scans.what')} hint={t('scans.what_hint')}>
                <TextArea mono rows={3} value={targets} onChange={(event) => setTargets(event.target.value)} placeholder="10.0.0.0/24, www.example.org" spellCheck={false} />
              </FormField>
              <TargetsLine text={targets} network={network} />
              {known.rows.length > 0 && (
                <FormField label={t('scans.groups')} optional={t('kit.optional')}>
                  <MultiCombobox values={groups} onChange={setGroups} placeholder={t('groups.choose')} options={known.rows.map((group) => ({ value: group.id, label: group.name, detail: t('groups.hosts', { n: group.hosts }) }))} />
                </FormField>
              )}
              <FormField label={t('scans.profile')} hint={chosen === undefined ? undefined : `${chosen.description} ${t('scans.profile_ports', { tcp: chosen.tcpPorts, udp: chosen.udpPorts })}`}>
                <Select value={profileId} onChange={setProfile} options={items.map((one) => ({ value: one.id, label: one.name, detail: t('scans.profile_ports', { tcp: one.tcpPorts, udp: one.udpPorts }) }))} />
              </FormField>
              {launch.error !== null && <InlineError error={launch.error} />}
              <Row>
                <Button type="submit" look="primary" size="lg" icon={<Play aria-hidden />} busy={launch.isPending} disabled={targets.trim() === '' && groups.length === 0}>{t('scans.start')}</Button>
              </Row>
            </Stack>
          </Section>
          <details className="group rounded-lg border border-line bg-surface">
            <summary className="flex h-11 items-center px-4 text-sm font-medium text-muted hover:text-ink">{t('scans.more')}</summary>
            <div className="border-t border-line p-4">
              <Stack>
                <FormField label={t('scans.title')} optional={t('kit.optional')}><Input value={title} onChange={(event) => setTitle(event.target.value)} maxLength={120} /></FormField>
                <Grid columns={2}>
                  {(networks.data?.items.length ?? 0) > 1 && <FormField label={t('column.network')}><Select value={network === '' ? (networks.data!.items.find((one) => one.isDefault)?.id ?? '') : network} onChange={setNetwork} options={networks.data!.items.map((one) => ({ value: one.id, label: one.name }))} /></FormField>}
                  <FormField label={t('scans.scanner')}><Select value={scanner} onChange={setScanner} options={[{ value: '', label: t('scans.any_scanner') }, ...(scanners.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))]} /></FormField>
                  <FormField label={t('scans.priority')} hint={t('scans.priority_hint')}><Select value={priority} onChange={setPriority} options={['9', '7', '5', '3', '1', '0'].map((value) => ({ value, label: value }))} /></FormField>
                  <FormField label={t('scans.pause_after')} hint={t('scans.pause_after_hint')} optional={t('kit.optional')}><Input type="number" min={5} max={7199} value={pauseAfter} onChange={(event) => setPauseAfter(event.target.value)} /></FormField>
                </Grid>
              </Stack>
            </div>
          </details>
        </Stack>
      </form>
    </Page>
  )
}

/** Says before the start what of it may be scanned. */
function TargetsLine({ text, network }: { text: string; network: string }) {
  const checked = useDeferredValue(text)
  const found = useQuery({
    queryKey: ['address', 'preview', checked, network],
    queryFn: () => api.post<AddressesPreview>('/addresses/preview', { text: checked, ...(network === '' ? {} : { networkId: network }) }),
    enabled: checked.trim() !== '',
    placeholderData: (before) => before,
    retry: false,
  })
  if (checked.trim() === '' || found.data === undefined) return null
  const preview = found.data
  if (preview.badCount > 0) return <p role="alert" className="text-sm text-danger">{preview.bad[0]?.reason}{preview.badCount > 1 && ` ${t('scans.and_more', { n: preview.badCount - 1 })}`}</p>
  const missing = BigInt(preview.addresses) - BigInt(preview.alreadyRegistered)
  return (
    <p role="status" className="tabular text-sm text-muted">
      {t('scans.targets_line', { addresses: formatBig(preview.addresses), count: roughly(preview.addresses), names: formatNumber(preview.nameCount), namesCount: preview.nameCount })}
      {missing > 0n && <span className="text-warn"> · {t('scans.not_registered', { addresses: formatBig(String(missing)) })} <TextLink to="/assets" search={{ add: true }}>{t('assets.add')}</TextLink></span>}
    </p>
  )
}
