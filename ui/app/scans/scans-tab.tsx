import { getRouteApi } from '@tanstack/react-router'
import { GitCompareArrows, Play, Radar, Search } from 'lucide-react'
import { useState } from 'react'
import type { ScanRow } from '#api/rest/scans/schemas.ts'
import { SeverityNumbers } from '#ui/charts/severity-bar.tsx'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button, ButtonLink } from '#ui/kit/button.tsx'
import { DataTable, type Column } from '#ui/kit/data-table.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { Input } from '#ui/kit/input.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { Progress } from '#ui/kit/progress.tsx'
import { Select } from '#ui/kit/select.tsx'
import { SelectionBar } from '#ui/kit/selection-bar.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { countsOf } from '#ui/lib/counts.ts'
import { formatDuration } from '#ui/lib/format.ts'
import { useCan } from '#ui/lib/session.ts'
import { useList } from '#ui/lib/use-list.ts'
import { isLive, progressOf, stateFigure, stateText } from './scan-state.ts'

const route = getRouteApi('/inside/scans')
const states = ['Running', 'Queued', 'Paused', 'Finished', 'Canceled', 'Error'] as const
const kinds = ['onDemand', 'scheduled', 'verification'] as const

const columns: readonly Column<ScanRow>[] = [
  { id: 'state', header: t('column.status'), width: 150, fixed: true, cell: (row) => <StatusChip status={stateFigure(row)} label={stateText(row)} /> },
  { id: 'title', header: t('scans.scan'), width: '2fr', fixed: true, cell: (row) => <span className="flex min-w-0 items-center gap-2"><NameLink to="/scans/$id" params={{ id: row.id }} className="truncate font-medium">{row.title}</NameLink>{row.kind !== 'onDemand' && <Badge>{word('scan_kind', row.kind)}</Badge>}</span> },
  { id: 'targets', header: t('scans.targets'), width: '1fr', cell: (row) => <span className="tabular text-muted">{row.targets}</span> },
  {
    id: 'progress', header: t('column.hosts'), width: 150,
    cell: (row) => (isLive(row)
      ? <span className="flex items-center gap-2"><Progress thin label={row.title} value={progressOf(row)} /><span className="tabular text-xs whitespace-nowrap text-muted">{row.hostsDone}/{row.hostsTotal}</span></span>
      : <span className="tabular">{t('scans.hosts_up', { up: row.hostsUp, total: row.hostsTotal })}</span>),
  },
  { id: 'found', header: t('scans.found'), width: 200, cell: (row) => <SeverityNumbers counts={countsOf(row.foundBySeverity)} /> },
  { id: 'profile', header: t('scans.profile'), width: 130, cell: (row) => <span className="text-muted">{row.profile.name}</span> },
  { id: 'took', header: t('scans.took'), width: 100, align: 'right', cell: (row) => formatDuration(row.ranFor) },
  { id: 'by', header: t('column.by'), width: 140, extra: true, cell: (row) => row.launchedBy?.name ?? row.schedule?.name ?? '–' },
  { id: 'at', header: t('scans.started'), width: 120, align: 'right', cell: (row) => <RelativeTime at={row.startedAt ?? row.createdAt} /> },
]

export function ScansTab() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const change = (next: Partial<typeof search>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  const { state = '', kind = '', text = '', schedule } = search
  const list = useList<ScanRow>('scan', '/scans', { state, kind, text, scheduleId: schedule })
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const filtered = state !== '' || kind !== '' || text !== '' || schedule !== undefined
  // The list is newest first: of two, the one further up is the newer.
  const pair = list.rows.filter((row) => selected.has(row.id))
  return (
    <>
      <div className="flex shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-3 sm:px-6">
        <div className="min-w-40 flex-1 sm:max-w-sm"><Input before={<Search aria-hidden />} aria-label={t('scans.find')} placeholder={t('scans.find')} value={text} onChange={(event) => change({ text: event.target.value })} /></div>
        <div className="w-36"><Select label={t('column.status')} value={state} onChange={(next) => change({ state: next })} options={[{ value: '', label: t('scans.any_state') }, ...states.map((value) => ({ value, label: word('status', value.toLowerCase()) }))]} /></div>
        <div className="w-36"><Select label={t('scans.kind')} value={kind} onChange={(next) => change({ kind: next })} options={[{ value: '', label: t('scans.any_kind') }, ...kinds.map((value) => ({ value, label: word('scan_kind', value) }))]} /></div>
        {filtered && <Button look="quiet" onClick={() => change({ state: undefined, kind: undefined, text: undefined, schedule: undefined })}>{t('kit.clear')}</Button>}
      </div>
      <DataTable
        label={t('nav.scans')}
        columns={columns}
        rows={list.rows}
        rowId={(row) => row.id}
        compact={(row) => (
          <div className="flex flex-col gap-1">
            <div className="flex items-center justify-between gap-3"><NameLink to="/scans/$id" params={{ id: row.id }} className="min-w-0 truncate font-medium">{row.title}</NameLink><StatusChip status={stateFigure(row)} /></div>
            <p className="tabular truncate text-xs text-muted">{t('scans.line', { hosts: row.hostsTotal, found: row.found })} · <RelativeTime at={row.startedAt ?? row.createdAt} /></p>
          </div>
        )}
        state={list.state}
        onMore={list.onMore}
        onRetry={list.onRetry}
        onOpen={(row) => { if (row !== null) void navigate({ to: '/scans/$id', params: { id: row.id } }) }}
        selected={selected}
        onSelect={setSelected}
        empty={filtered
          ? <EmptyState icon={<Radar />} title={t('scans.none_match')} actions={<Button onClick={() => change({ state: undefined, kind: undefined, text: undefined, schedule: undefined })}>{t('findings.clear_filter')}</Button>} />
          : <EmptyState icon={<Radar />} title={t('scans.none')} actions={can('scan.launch') && <ButtonLink to="/scans/new" look="primary" icon={<Play aria-hidden />}>{t('scans.start')}</ButtonLink>}>{t('scans.none_text')}</EmptyState>}
      />
      <SelectionBar count={selected.size} onClear={() => setSelected(new Set())}>
        {pair.length === 2
          ? <Button size="sm" look="primary" icon={<GitCompareArrows aria-hidden />} onClick={() => void navigate({ to: '/scans/$id/compare/$other', params: { id: pair[0]!.id, other: pair[1]!.id } })}>{t('scans.compare')}</Button>
          : <span className="text-xs text-muted">{t('scans.choose_two')}</span>}
      </SelectionBar>
    </>
  )
}
