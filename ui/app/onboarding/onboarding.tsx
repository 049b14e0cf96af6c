import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Check, Play } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import type { ProfileList } from '#api/rest/profiles/schemas.ts'
import type { LaunchScan, Scan } from '#api/rest/scans/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button, ButtonLink } from '#ui/kit/button.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Page, PageHeader, Stack } from '#ui/kit/page.tsx'
import { Select } from '#ui/kit/select.tsx'
import { api } from '#ui/lib/api.ts'
import { classes } from '#ui/lib/class-names.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { AddressFields, useAddressForm } from '../assets/address-form.tsx'

/** From nothing to a running scan: what is yours, how to look at it, go. */
export function OnboardingPage() {
  const navigate = useNavigate()
  const [targets, setTargets] = useState<string | null>(null)
  const form = useAddressForm((_result, text) => setTargets(text))
  const profiles = useQuery({ queryKey: ['profile', 'all'], queryFn: ({ signal }) => api.get<ProfileList>('/profiles', {}, signal) })
  const items = profiles.data?.items ?? []
  const [chosen, setChosen] = useState('')
  const profileId = chosen === '' ? (items.find((one) => one.isDefault)?.id ?? items[0]?.id ?? '') : chosen
  const launch = useAction(
    () => api.post<Scan>('/scans', { title: t('onboarding.scan_title'), targets: targets ?? '', ...(profileId === '' ? {} : { profileId }) } satisfies LaunchScan),
    { touches: ['scan', 'dashboard'], quiet: true, after: (scan) => void navigate({ to: '/scans/$id', params: { id: scan.id } }) },
  )
  return (
    <Page kind="narrow">
      <PageHeader title={t('onboarding.title')}><p className="text-sm text-muted">{t('onboarding.detail')}</p></PageHeader>
      <ol className="flex flex-col gap-4">
        <Step number={1} title={t('onboarding.step_addresses')} done={targets !== null} active={targets === null}>
          {targets === null ? (
            <form onSubmit={(event) => { event.preventDefault(); form.register.mutate() }}>
              <Stack>
                <AddressFields form={form} plain />
                <div className="flex flex-wrap gap-2">
                  <Button type="submit" look="primary" disabled={!form.ready} busy={form.register.isPending}>{t('addresses.register')}</Button>
                  <Button look="quiet" onClick={() => form.setText('127.0.0.1')}>{t('onboarding.this_machine')}</Button>
                </div>
                <p className="text-xs text-muted">{t('onboarding.lab')}</p>
              </Stack>
            </form>
          ) : <p className="tabular font-mono text-xs break-all text-muted">{targets.trim().replaceAll(/\s+/g, ', ').slice(0, 300)}</p>}
        </Step>
        <Step number={2} title={t('onboarding.step_scan')} done={false} active={targets !== null}>
          {targets !== null && (
            <Stack>
              <FormField label={t('scans.profile')} hint={items.find((one) => one.id === profileId)?.description}>
                <Select value={profileId} onChange={setChosen} options={items.map((one) => ({ value: one.id, label: one.name }))} />
              </FormField>
              {launch.error !== null && <InlineError error={launch.error} />}
              <div className="flex gap-2">
                <Button look="primary" icon={<Play aria-hidden />} busy={launch.isPending} onClick={() => launch.mutate()}>{t('scans.start')}</Button>
                <ButtonLink look="quiet" to="/">{t('onboarding.later')}</ButtonLink>
              </div>
            </Stack>
          )}
        </Step>
        <Step number={3} title={t('onboarding.step_watch')} done={false} active={false}><p className="text-sm text-muted">{t('onboarding.watch_text')}</p></Step>
      </ol>
    </Page>
  )
}

function Step({ number, title, done, active, children }: { number: number; title: string; done: boolean; active: boolean; children: ReactNode }) {
  return (
    <li className={classes('flex gap-4 rounded-lg border p-4', active ? 'border-line-strong bg-surface shadow-1' : 'border-line')} aria-current={active ? 'step' : undefined}>
      <span className={classes('tabular flex size-6 shrink-0 items-center justify-center rounded-full text-xs font-semibold', done ? 'bg-good-soft text-good' : active ? 'bg-accent text-on-accent' : 'bg-pressed text-muted')}>
        {done ? <Check className="size-3.5" aria-label={t('onboarding.done')} /> : number}
      </span>
      <div className="flex min-w-0 flex-1 flex-col gap-3">
        <h2 className={classes('text-base font-semibold', !active && !done && 'text-muted')}>{title}</h2>
        {children}
      </div>
    </li>
  )
}
