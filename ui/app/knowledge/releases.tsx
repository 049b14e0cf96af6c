import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { PackageOpen } from 'lucide-react'
import type { Canary } from '#api/rest/kb/draft-schemas.ts'
import type { Release, ReleaseDetail, Releases } from '#api/rest/kb/release-schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Switch } from '#ui/kit/checkbox.tsx'
import { CopyField } from '#ui/kit/copy-field.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { Facts, Grid, Page, Section, Stack } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { Table } from '#ui/kit/table.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { formatNumber } from '#ui/lib/format.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { ChangeLog } from './change-log.tsx'

const route = getRouteApi('/inside/kb-pages/kb/releases')

/** Every release of the KnowledgeBase, what it changed, and which are kept to go back to. */
export function ReleasesPage() {
  const { number } = route.useSearch()
  const navigate = route.useNavigate()
  const found = useQuery({ queryKey: ['kb', 'releases'], queryFn: ({ signal }) => api.get<Releases>('/kb/releases', {}, signal) })
  if (found.error !== null && found.data === undefined) return <Page><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  if (found.data === undefined) return <Page><SkeletonRows count={8} /></Page>
  const { items, rollback, waiting } = found.data
  const shown = items.find((one) => one.number === number) ?? items[0]
  return (
    <Page>
      {waiting > 0 && <p role="status" className="rounded-md bg-accent-soft px-3 py-2 text-sm">{t('releases.waiting', { n: waiting })}</p>}
      <Grid columns="main-side">
        <Section title={t('kb.releases')} flush>
          <Table
            label={t('kb.releases')}
            rows={items}
            rowKey={(row) => String(row.number)}
            empty={<EmptyState small icon={<PackageOpen />} title={t('releases.none')}>{t('releases.none_text')}</EmptyState>}
            columns={[
              { id: 'name', header: t('kb.release'), lead: true, cell: (row) => <button type="button" aria-pressed={row === shown} className="tabular rounded-xs font-medium whitespace-nowrap hover:underline" onClick={() => void navigate({ search: { number: row.number }, replace: true })}>{row.name}</button> },
              { id: 'state', header: t('column.state'), cell: (row) => <ReleaseState release={row} /> },
              { id: 'changed', header: t('releases.changed'), wide: true, cell: (row) => <span className="flex flex-wrap gap-x-3 gap-y-0.5 text-xs text-muted">{row.changed.map((one) => <span key={one.kind} className="tabular whitespace-nowrap">{formatNumber(one.count)} {word('kb_change', one.kind).toLowerCase()}</span>)}</span> },
              { id: 'vulnerabilities', header: t('kb.vulnerabilities'), align: 'right', cell: (row) => formatNumber(row.counts.vulnerabilities) },
              { id: 'checks', header: t('kb.checks'), align: 'right', cell: (row) => formatNumber(row.counts.checks) },
              { id: 'at', header: t('releases.at'), align: 'right', cell: (row) => <DateTime at={row.at} /> },
            ]}
          />
        </Section>
        <Stack>
          {shown !== undefined && <ReleaseView release={shown} />}
          <Early />
          {items.length > 0 && <Section title={t('releases.go_back')}><Stack gap={2}><p className="text-sm text-muted">{t('releases.go_back_text')}</p><CopyField label={t('kb.sync_command')} text={rollback} /></Stack></Section>}
        </Stack>
      </Grid>
    </Page>
  )
}

function ReleaseState({ release }: { release: Release }) {
  if (release.inForce) return <Badge tone="accent">{t('releases.in_force')}</Badge>
  return release.kept ? <Badge>{t('releases.kept')}</Badge> : <span className="text-xs whitespace-nowrap text-faint">{t('releases.gone')}</span>
}

function ReleaseView({ release }: { release: Release }) {
  const found = useQuery({ queryKey: ['kb', 'releases', release.number], queryFn: ({ signal }) => api.get<ReleaseDetail>(`/kb/releases/${release.number}`, {}, signal) })
  return (
    <Section title={release.name} detail={<DateTime at={release.at} />}>
      <Stack>
        <Facts
          items={[
            [t('releases.number'), release.number],
            [t('releases.root'), <span key="root" className="font-mono text-2xs break-all">{release.root}</span>],
            [t('sources.ranges'), formatNumber(release.counts.ranges)],
            [t('sources.fingerprints'), formatNumber(release.counts.fingerprints)],
          ]}
        />
        {release.notes.length > 0 && (
          <ul className="flex flex-col gap-2 text-sm">
            {release.notes.map((note) => <li key={`${note.check}-${note.text}`}><NameLink to="/kb/checks/$id" params={{ id: String(note.check) }} className="font-medium">{note.title}</NameLink><span className="block text-xs break-words text-muted">{note.text}</span></li>)}
          </ul>
        )}
        {found.error !== null ? <ErrorState error={found.error} /> : found.data === undefined ? <SkeletonRows count={4} /> : (
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
          <div className="max-h-[32rem] overflow-y-auto" role="region" aria-label={t('releases.changed')} tabIndex={0}>
            <ChangeLog changes={found.data.changes.slice(0, 200).map((change) => ({ ...change, text: `${change.subject}: ${change.text}`, release: release.number }))} />
          </div>
        )}
      </Stack>
    </Section>
  )
}

/** Whether this organisation judges with checks that are staged, before everybody has them. */
function Early() {
  const can = useCan()
  const found = useQuery({ queryKey: ['kb', 'canary'], queryFn: ({ signal }) => api.get<Canary>('/kb/canary', {}, signal), enabled: can('organisation.edit') })
  const set = useAction((canary: boolean) => api.put('/kb/canary', { canary }), { touches: ['kb', 'finding'], done: t('kit.saved') })
  if (found.data === undefined) return null
  return <Section title={t('releases.early')}><Switch checked={found.data.canary} disabled={set.isPending} onChange={(canary) => set.mutate(canary)} label={t('releases.early_label')} hint={t('releases.early_hint')} /></Section>
}
