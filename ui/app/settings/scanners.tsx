import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { MoreHorizontal, Plus, RefreshCw, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Scanner } from '#api/rest/scanners/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button, IconButton } from '#ui/kit/button.tsx'
import { CopyField } from '#ui/kit/copy-field.tsx'
import { ConfirmDialog, Dialog } from '#ui/kit/dialog.tsx'
import { ErrorState, InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Menu, MenuItem } from '#ui/kit/menu.tsx'
import { Facts, Row, Section, Stack } from '#ui/kit/page.tsx'
import { Select } from '#ui/kit/select.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { networksOptions } from '../assets/address-form.tsx'
import { scannersOptions } from '../scans/new-scan.tsx'

const route = getRouteApi('/inside/settings/scanners')

/** The built-in scanner and the appliances that speak outbound HTTPS to this platform. */
export function ScannersPage() {
  const { add = false } = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const found = useQuery({ ...scannersOptions, refetchInterval: 15_000 })
  const [asking, setAsking] = useState<Readonly<{ scanner: Scanner; what: 'replace' | 'remove' }> | null>(null)
  const touches = ['scanner']
  const act = useAction(() => (asking?.what === 'replace' ? api.post(`/scanners/${asking.scanner.id}/replace`) : api.delete(`/scanners/${asking?.scanner.id ?? ''}`)), { touches, quiet: true })
  const manage = can('scanner.manage')
  if (found.isPending) return <SkeletonRows count={4} />
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  return (
    <>
      {manage && <div className="flex justify-end"><Button look="primary" icon={<Plus aria-hidden />} onClick={() => void navigate({ search: { add: true } })}>{t('scanners.add')}</Button></div>}
      {found.data.items.map((scanner) => (
        <Section
          key={scanner.id}
          title={scanner.name}
          detail={<StatusChip status={scanner.status === 'new' ? 'pending' : scanner.status} label={word('scanner_status', scanner.status)} />}
          actions={scanner.builtIn ? <Badge>{t('scanners.built_in')}</Badge> : manage && (
            <Menu align="end" trigger={<IconButton size="sm" label={t('kit.more_actions')}><MoreHorizontal aria-hidden /></IconButton>}>
              <MenuItem icon={<RefreshCw aria-hidden />} onSelect={() => setAsking({ scanner, what: 'replace' })}>{t('scanners.replace')}</MenuItem>
              <MenuItem danger icon={<Trash2 aria-hidden />} onSelect={() => setAsking({ scanner, what: 'remove' })}>{t('scanners.remove')}</MenuItem>
            </Menu>
          )}
        >
          <Stack>
            {scanner.activationCode !== null && <Activation scanner={scanner} code={scanner.activationCode} />}
            <Facts
              columns={2}
              items={[
                [t('column.network'), scanner.network?.name ?? t('scanners.any_network')],
                [t('scanners.last_seen'), <span key="seen"><RelativeTime at={scanner.lastSeenAt} />{scanner.heartbeatsMissed > 0 && <span className="text-warn"> · {t('scanners.missed', { n: scanner.heartbeatsMissed })}</span>}</span>],
                [t('scanners.software'), <Version key="software" have={scanner.software} latest={scanner.softwareLatest} />],
                [t('scanners.content'), <Version key="content" have={scanner.content} latest={scanner.contentLatest} />],
                [t('scanners.work'), t('scanners.work_line', { slices: scanner.runningSlices, capacity: scanner.capacity, scans: scanner.runningScans })],
                scanner.lastAddress !== null && [t('scanners.from'), <span key="from" className="tabular">{scanner.lastAddress}</span>],
              ]}
            />
          </Stack>
        </Section>
      ))}
      {manage && add && <AddDialog onClose={() => void navigate({ search: {} })} />}
      <ConfirmDialog
        open={asking !== null}
        onClose={() => setAsking(null)}
        title={asking?.what === 'replace' ? t('scanners.replace_title', { name: asking.scanner.name }) : t('scanners.remove_title', { name: asking?.scanner.name ?? '' })}
        action={asking?.what === 'replace' ? t('scanners.replace') : t('scanners.remove')}
        onConfirm={() => act.mutateAsync()}
      >
        {asking?.what === 'replace' ? t('scanners.replace_text') : t('scanners.remove_text')}
      </ConfirmDialog>
    </>
  )
}

function Activation({ scanner, code }: { scanner: Scanner; code: string }) {
  return (
    <div className="flex flex-col gap-2 rounded-md border border-accent-line bg-accent-soft p-3">
      <p className="text-sm">{t('scanners.activate')}</p>
      <CopyField text={`./vigil scanner --platform ${location.origin} --code ${code}`} label={t('scanners.command')} />
      <Row gap={4}>
        <span className="text-xs text-muted">{t('scanners.code')} <span className="font-mono select-all">{code}</span></span>
        {scanner.activationExpiresAt !== null && <span className="text-xs text-muted">{t('scanners.code_ends')} <RelativeTime at={scanner.activationExpiresAt} /></span>}
      </Row>
    </div>
  )
}

function Version({ have, latest }: { have: string | null; latest: string }) {
  if (have === null) return <span className="text-faint">–</span>
  return <span className="font-mono text-xs">{have}{have !== latest && <span className="ml-2 font-sans"><Badge tone="warn">{t('scanners.newer', { version: latest })}</Badge></span>}</span>
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const networks = useQuery(networksOptions)
  const [name, setName] = useState('')
  const [network, setNetwork] = useState('')
  const make = useAction(() => api.post<Scanner>('/scanners', { name, ...(network === '' ? {} : { networkId: network }) }), { touches: ['scanner'], quiet: true, after: onClose })
  return (
    <Dialog open onClose={onClose} title={t('scanners.add')} description={t('scanners.add_text')} width="sm" onSubmit={() => make.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={make.isPending}>{t('scanners.make_code')}</Button></>}>
      <Stack>
        <FormField label={t('column.name')} hint={t('scanners.name_hint')}><Input value={name} onChange={(event) => setName(event.target.value)} maxLength={80} required /></FormField>
        {(networks.data?.items.length ?? 0) > 1 && <FormField label={t('column.network')}><Select value={network === '' ? (networks.data!.items.find((one) => one.isDefault)?.id ?? '') : network} onChange={setNetwork} options={networks.data!.items.map((one) => ({ value: one.id, label: one.name }))} /></FormField>}
        {make.error !== null && <InlineError error={make.error} />}
      </Stack>
    </Dialog>
  )
}
