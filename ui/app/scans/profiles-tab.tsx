import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Copy, Pencil, Star, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { OptionProfile } from '#api/rest/profiles/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button } from '#ui/kit/button.tsx'
import { ConfirmDialog } from '#ui/kit/dialog.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { Facts, Row, Section, Stack } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { api } from '#ui/lib/api.ts'
import { formatDuration, formatNumber } from '#ui/lib/format.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { profilesOptions } from './new-scan.tsx'
import { ProfileDialog } from './profile-dialog.tsx'

const route = getRouteApi('/inside/scans')

/** How thoroughly and how gently scans look. Shipped profiles are copied, not changed. */
export function ProfilesTab() {
  const { edit } = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const found = useQuery(profilesOptions)
  const [removing, setRemoving] = useState<OptionProfile | null>(null)
  const setEdit = (next: string | undefined) => void navigate({ search: (before) => ({ ...before, edit: next }), replace: true })
  const touches = ['profile']
  const copy = useAction((profile: OptionProfile) => api.post<OptionProfile>('/profiles', { name: t('profiles.copy_name', { name: profile.name }), description: profile.description, copyOf: profile.id }), { touches, after: (made) => setEdit(made.id) })
  const prefer = useAction((id: string) => api.patch(`/profiles/${id}`, { isDefault: true }), { touches, done: t('profiles.is_default_now') })
  const remove = useAction(() => api.delete(`/profiles/${removing?.id ?? ''}`), { touches, quiet: true, done: t('profiles.removed') })
  const may = can('profile.edit')
  if (found.isPending) return <SkeletonRows count={6} />
  if (found.error !== null) return <ErrorState error={found.error} onRetry={() => void found.refetch()} />
  const editing = found.data.items.find((one) => one.id === edit)
  return (
    <div className="min-h-0 flex-1 overflow-y-auto px-4 py-4 sm:px-6">
      <div className="grid gap-4 lg:grid-cols-2 xl:grid-cols-3">
        {found.data.items.map((profile) => (
          <Section key={profile.id} title={profile.name} detail={profile.isDefault ? <Badge tone="accent">{t('profiles.default')}</Badge> : undefined} actions={profile.shipped ? <Badge>{t('profiles.shipped')}</Badge> : undefined}>
            <Stack>
              <p className="min-h-10 text-sm text-muted">{profile.description}</p>
              <Facts
                items={[
                  [t('scans.tcp_ports'), formatNumber(profile.tcpPorts)],
                  [t('scans.udp_ports'), formatNumber(profile.udpPorts)],
                  [t('profiles.hosts'), profile.settings.pace.hosts],
                  [t('profiles.rate'), profile.settings.pace.rate === 0 ? t('profiles.no_limit') : t('profiles.per_second', { n: profile.settings.pace.rate })],
                  [t('profiles.host_limit'), formatDuration(profile.settings.limits.host)],
                  [t('profiles.defaults'), profile.settings.defaults ? t('kit.yes') : t('kit.no')],
                ]}
              />
              {may && (
                <Row wrap>
                  {!profile.shipped && <Button size="sm" icon={<Pencil aria-hidden />} onClick={() => setEdit(profile.id)}>{t('kit.edit')}</Button>}
                  <Button size="sm" icon={<Copy aria-hidden />} busy={copy.isPending && copy.variables.id === profile.id} onClick={() => copy.mutate(profile)}>{t('profiles.copy')}</Button>
                  {!profile.isDefault && <Button size="sm" look="quiet" icon={<Star aria-hidden />} onClick={() => prefer.mutate(profile.id)}>{t('profiles.make_default')}</Button>}
                  {!profile.shipped && <Button size="sm" look="quiet" icon={<Trash2 aria-hidden />} onClick={() => setRemoving(profile)}>{t('profiles.remove')}</Button>}
                </Row>
              )}
            </Stack>
          </Section>
        ))}
      </div>
      {may && editing !== undefined && !editing.shipped && <ProfileDialog key={editing.id} profile={editing} onClose={() => setEdit(undefined)} />}
      <ConfirmDialog open={removing !== null} onClose={() => setRemoving(null)} title={t('profiles.remove_title', { name: removing?.name ?? '' })} action={t('profiles.remove')} onConfirm={() => remove.mutateAsync()}>{t('profiles.remove_text')}</ConfirmDialog>
    </div>
  )
}
