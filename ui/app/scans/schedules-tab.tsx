import { getRouteApi } from '@tanstack/react-router'
import { CalendarClock, Plus } from 'lucide-react'
import { useState } from 'react'
import type { Schedule } from '#api/rest/schedules/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Switch } from '#ui/kit/checkbox.tsx'
import { DataTable, type Column } from '#ui/kit/data-table.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { Segmented } from '#ui/kit/tabs.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { useList } from '#ui/lib/use-list.ts'
import { Calendar } from './calendar.tsx'
import { ScheduleDialog } from './schedule-dialog.tsx'

const route = getRouteApi('/inside/scans')

export function SchedulesTab() {
  const { edit } = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const list = useList<Schedule>('schedule', '/schedules')
  const [view, setView] = useState<'list' | 'calendar'>('list')
  const setEdit = (next: string | undefined) => void navigate({ search: (before) => ({ ...before, edit: next }), replace: true })
  const change = useAction((input: Readonly<{ id: string; active: boolean }>) => api.patch(`/schedules/${input.id}`, { active: input.active }), { touches: ['schedule'] })
  const may = can('schedule.edit')
  const columns: readonly Column<Schedule>[] = [
    { id: 'name', header: t('column.name'), width: '1fr', fixed: true, cell: (row) => <span className="font-medium">{row.name}</span> },
    { id: 'text', header: t('schedules.when'), width: '2fr', cell: (row) => <span className="text-muted">{row.text}</span> },
    { id: 'next', header: t('schedules.next'), width: 120, cell: (row) => (row.active ? <RelativeTime at={row.nextAt} /> : <span className="text-faint">{t('schedules.off')}</span>) },
    { id: 'targets', header: t('scans.targets'), width: '1fr', cell: (row) => <span className="tabular text-muted">{row.targets === '' ? t('schedules.groups', { n: row.assetGroupIds.length }) : row.targets}</span> },
    { id: 'profile', header: t('scans.profile'), width: 120, cell: (row) => row.profileName },
    { id: 'last', header: t('schedules.last'), width: 170, cell: (row) => (row.lastProblem !== null ? <StatusChip status="failed" label={row.lastProblem} /> : row.lastScanId === null ? <span className="text-faint">–</span> : <NameLink to="/scans/$id" params={{ id: row.lastScanId }}><RelativeTime at={row.lastRunAt} /></NameLink>) },
    { id: 'active', header: t('schedules.on'), width: 70, fixed: true, cell: (row) => <Switch checked={row.active} disabled={!may} onChange={(active) => change.mutate({ id: row.id, active })} label={<span className="sr-only">{t('schedules.on_named', { name: row.name })}</span>} /> },
  ]
  const editing = edit === 'new' ? 'new' : (list.rows.find((row) => row.id === edit) ?? null)
  const add = may && <Button icon={<Plus aria-hidden />} onClick={() => setEdit('new')}>{t('schedules.new')}</Button>
  return (
    <>
      {list.rows.length > 0 && (
        <div className="flex shrink-0 items-center justify-between gap-2 border-b border-line px-4 py-3 sm:px-6">
          <Segmented label={t('schedules.view')} value={view} onChange={setView} options={[{ value: 'list', label: t('schedules.list') }, { value: 'calendar', label: t('schedules.calendar') }]} />
          {add}
        </div>
      )}
      {view === 'calendar' && list.rows.length > 0 ? <Calendar schedules={list.rows} onOpen={setEdit} /> : (
        <DataTable
          label={t('schedules.title')}
          columns={columns}
          rows={list.rows}
          rowId={(row) => row.id}
          compact={(row) => <div><p className="truncate font-medium">{row.name}</p><p className="truncate text-xs text-muted">{row.text}</p></div>}
          state={list.state}
          onMore={list.onMore}
          onRetry={list.onRetry}
          onOpen={(row) => { if (row !== null && may) setEdit(row.id) }}
          empty={<EmptyState icon={<CalendarClock />} title={t('schedules.none')} actions={may && <Button look="primary" icon={<Plus aria-hidden />} onClick={() => setEdit('new')}>{t('schedules.new')}</Button>}>{t('schedules.none_text')}</EmptyState>}
        />
      )}
      {may && editing !== null && <ScheduleDialog key={editing === 'new' ? 'new' : editing.id} schedule={editing === 'new' ? null : editing} onClose={() => setEdit(undefined)} />}
    </>
  )
}
