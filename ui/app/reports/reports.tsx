import { getRouteApi } from '@tanstack/react-router'
import { Download, Eye, FileText, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { NewReport, Report } from '#api/rest/reports/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { Button, buttonClass, IconButton } from '#ui/kit/button.tsx'
import { RadioCards } from '#ui/kit/checkbox.tsx'
import { DataTable, type Column } from '#ui/kit/data-table.tsx'
import { ConfirmDialog, Dialog } from '#ui/kit/dialog.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField, FormGroup } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Page, PageHeader, Row, Stack } from '#ui/kit/page.tsx'
import { QueryBar } from '#ui/kit/query-bar.tsx'
import { Select } from '#ui/kit/select.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { api, apiUrl } from '#ui/lib/api.ts'
import { formatBytes, formatNumber } from '#ui/lib/format.ts'
import { fieldError } from '#ui/lib/problem.ts'
import { useCan } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { useList } from '#ui/lib/use-list.ts'
import { findingFields } from '../findings/finding-fields.ts'

const route = getRouteApi('/inside/reports')
const formats = ['pdf', 'html', 'xlsx', 'csv', 'json', 'sarif'] as const

export function ReportsPage() {
  const { create = false, q } = route.useSearch()
  const navigate = route.useNavigate()
  const can = useCan()
  const list = useList<Report>('report', '/reports')
  const [removing, setRemoving] = useState<Report | null>(null)
  const setCreate = (on: boolean) => void navigate({ search: on ? { create: true } : {}, replace: true })
  const remove = useAction(() => api.delete(`/reports/${removing?.id ?? ''}`), { touches: ['report'], quiet: true, done: t('reports.removed') })
  const columns: readonly Column<Report>[] = [
    { id: 'title', header: t('reports.one'), width: '2fr', fixed: true, cell: (row) => <span className="font-medium">{row.title}</span> },
    { id: 'kind', header: t('reports.kind'), width: 110, cell: (row) => word('report_kind', row.kind) },
    { id: 'format', header: t('reports.format'), width: 80, cell: (row) => <Badge mono>{row.format}</Badge> },
    { id: 'state', header: t('column.status'), width: 130, cell: (row) => <StatusChip status={row.state} label={row.failure ?? word('status', row.state)} /> },
    { id: 'query', header: t('reports.query'), width: '1fr', cell: (row) => (row.query === '' ? <span className="text-faint">{t('reports.all_open')}</span> : <span className="font-mono text-xs text-muted">{row.query}</span>) },
    { id: 'findings', header: t('nav.findings'), width: 90, align: 'right', cell: (row) => (row.findings === null ? '–' : formatNumber(row.findings)) },
    { id: 'size', header: t('reports.size'), width: 90, align: 'right', cell: (row) => (row.bytes === null ? '–' : formatBytes(row.bytes)) },
    { id: 'by', header: t('column.by'), width: 130, cell: (row) => <span className="text-muted">{row.createdBy}</span> },
    { id: 'at', header: t('reports.made'), width: 110, align: 'right', cell: (row) => <RelativeTime at={row.createdAt} /> },
    { id: 'do', header: '', width: 120, fixed: true, cell: (row) => <ReportActions report={row} onRemove={can('report.create') ? () => setRemoving(row) : null} /> },
  ]
  return (
    <Page kind="fixed">
      <PageHeader inset title={t('nav.reports')} actions={can('report.create') && <Button look="primary" icon={<Plus aria-hidden />} onClick={() => setCreate(true)}>{t('reports.new')}</Button>} />
      <div className="flex min-h-0 flex-1 flex-col border-t border-line">
        <DataTable
          label={t('nav.reports')}
          columns={columns}
          rows={list.rows}
          rowId={(row) => row.id}
          compact={(row) => (
            <div className="flex items-center gap-2">
              <div className="min-w-0 flex-1"><p className="truncate font-medium">{row.title}</p><p className="flex gap-2 truncate text-xs text-muted"><StatusChip status={row.state} /> {row.format.toUpperCase()} · <RelativeTime at={row.createdAt} /></p></div>
              <ReportActions report={row} onRemove={null} />
            </div>
          )}
          state={list.state}
          onMore={list.onMore}
          onRetry={list.onRetry}
          empty={<EmptyState icon={<FileText />} title={t('reports.none')} actions={can('report.create') && <Button look="primary" icon={<Plus aria-hidden />} onClick={() => setCreate(true)}>{t('reports.new')}</Button>}>{t('reports.none_text')}</EmptyState>}
        />
      </div>
      {create && <ReportDialog query={q ?? ''} onClose={() => setCreate(false)} />}
      <ConfirmDialog open={removing !== null} onClose={() => setRemoving(null)} title={t('reports.remove_title', { title: removing?.title ?? '' })} action={t('reports.remove')} onConfirm={() => remove.mutateAsync()}>{t('reports.remove_text')}</ConfirmDialog>
    </Page>
  )
}

function ReportActions({ report, onRemove }: { report: Report; onRemove: (() => void) | null }) {
  const file = `/reports/${report.id}/file`
  return (
    <Row gap={1}>
      {report.state === 'finished' && (report.format === 'html' || report.format === 'pdf') && <a href={apiUrl(file, { inline: true })} target="_blank" rel="noopener" aria-label={t('reports.open', { title: report.title })} title={t('reports.open', { title: report.title })} className={buttonClass('quiet', 'sm', true)}><Eye aria-hidden /></a>}
      {report.state === 'finished' && <a href={apiUrl(file)} download aria-label={t('reports.download', { title: report.title })} title={t('reports.download', { title: report.title })} className={buttonClass('quiet', 'sm', true)}><Download aria-hidden /></a>}
      {onRemove !== null && <IconButton size="sm" label={t('reports.remove')} onClick={onRemove}><Trash2 aria-hidden /></IconButton>}
    </Row>
  )
}

function ReportDialog({ query, onClose }: { query: string; onClose: () => void }) {
  const [title, setTitle] = useState('')
  const [kind, setKind] = useState<Report['kind']>('executive')
  const [format, setFormat] = useState<Report['format']>('pdf')
  const [q, setQ] = useState(query)
  const make = useAction(() => api.post<Report>('/reports', { kind, format, ...(title.trim() === '' ? {} : { title: title.trim() }), ...(q === '' ? {} : { query: q }) } satisfies NewReport), { touches: ['report'], quiet: true, done: t('reports.started'), after: onClose })
  return (
    <Dialog open onClose={onClose} title={t('reports.new')} onSubmit={() => make.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={make.isPending}>{t('reports.create')}</Button></>}>
      <Stack>
        <FormGroup label={t('reports.kind')}>
          <RadioCards label={t('reports.kind')} columns={2} value={kind} onChange={setKind} options={(['executive', 'technical'] as const).map((value) => ({ value, label: word('report_kind', value), detail: t(`reports.${value}_detail`) }))} />
        </FormGroup>
        <FormField label={t('reports.format')}><Select value={format} onChange={setFormat} options={formats.map((value) => ({ value, label: value.toUpperCase(), detail: t(`reports.format_${value}`) }))} /></FormField>
        <FormField label={t('reports.title')} optional={t('kit.optional')} error={fieldError(make.error, 'title')}><Input value={title} onChange={(event) => setTitle(event.target.value)} maxLength={200} /></FormField>
        <FormGroup label={t('reports.query')} hint={t('reports.query_hint')}>
          <QueryBar label={t('reports.query')} value={q} onChange={setQ} fields={findingFields} placeholder={t('reports.all_open')} error={fieldError(make.error, 'query')} />
        </FormGroup>
        {make.error !== null && <InlineError error={make.error} />}
      </Stack>
    </Dialog>
  )
}
