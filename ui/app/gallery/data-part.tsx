import { getRouteApi } from '@tanstack/react-router'
import { Ban, RefreshCw } from 'lucide-react'
import { useMemo, useState } from 'react'
import { Badge } from '#ui/kit/badge.tsx'
import { Button } from '#ui/kit/button.tsx'
import { ColumnChooser } from '#ui/kit/column-chooser.tsx'
import { DataTable, type Column } from '#ui/kit/data-table.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { FacetButton, FacetColumn, type Facet } from '#ui/kit/facets.tsx'
import { Facts, Stack } from '#ui/kit/page.tsx'
import { QueryBar } from '#ui/kit/query-bar.tsx'
import { SelectionBar } from '#ui/kit/selection-bar.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { SidePanel } from '#ui/kit/side-panel.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { valuesOf, type QueryField } from '#ui/lib/query-text.ts'
import { findings, type SampleFinding } from './sample.ts'

const route = getRouteApi('/gallery')

const columns: readonly Column<SampleFinding>[] = [
  { id: 'severity', header: 'Severity', width: 110, sort: 'severity', fixed: true, cell: (row) => <SeverityMark level={row.severity} showName /> },
  { id: 'title', header: 'Finding', width: '2fr', fixed: true, cell: (row) => <span className="font-medium">{row.title}</span> },
  { id: 'host', header: 'Host', width: 130, sort: 'host', cell: (row) => <span className="tabular">{row.host}</span> },
  { id: 'port', header: 'Port', width: 90, cell: (row) => row.port },
  { id: 'status', header: 'Status', width: 110, cell: (row) => <StatusChip status={row.status} /> },
  { id: 'first', header: 'First seen', width: 110, sort: 'first', extra: true, cell: (row) => <RelativeTime at={row.first} /> },
  { id: 'last', header: 'Last seen', width: 110, sort: 'last', align: 'right', cell: (row) => <RelativeTime at={row.last} /> },
]
const fields: readonly QueryField[] = [
  { name: 'severity', about: '1 minimal to 5 urgent', values: [5, 4, 3, 2, 1].map((level) => ({ value: String(level), label: ['', 'Minimal', 'Medium', 'Serious', 'Critical', 'Urgent'][level]! })) },
  { name: 'status', about: 'Where it stands', values: ['new', 'active', 'reopened', 'fixed'].map((value) => ({ value, label: value })) },
  { name: 'host', about: 'Address or name' },
  { name: 'port', about: 'As tcp/443' },
]

export function DataPart() {
  const { sort, open, q = '', cols } = route.useSearch()
  const navigate = route.useNavigate()
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [loaded, setLoaded] = useState(200)
  const all = useMemo(() => {
    const severities = valuesOf(q, 'severity')
    const states = valuesOf(q, 'status')
    return findings.filter((row) => (severities.length === 0 || severities.includes(String(row.severity))) && (states.length === 0 || states.includes(row.status)))
  }, [q])
  const facets = useMemo((): Facet[] => [
    { field: 'severity', title: 'Severity', values: [5, 4, 3, 2, 1].map((level) => ({ value: String(level), term: `severity:${level}`, count: findings.filter((row) => row.severity === level).length, label: <SeverityMark level={level} showName /> })) },
    { field: 'status', title: 'Status', values: ['new', 'active', 'reopened', 'fixed'].map((status) => ({ value: status, term: `status:${status}`, count: findings.filter((row) => row.status === status).length, label: <StatusChip status={status} /> })) },
  ], [])
  const change = (next: Partial<{ sort: string; open: string | undefined; q: string; cols: string[] | undefined }>) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true })
  const row = findings.find((one) => one.id === open)
  const index = all.findIndex((one) => one.id === open)
  return (
    <div className="flex h-[44rem] min-h-0 flex-col overflow-hidden rounded-lg border border-line bg-canvas">
      <div className="flex items-center gap-2 border-b border-line p-3">
        <QueryBar label="Filter findings" value={q} onChange={(next) => change({ q: next })} fields={fields} placeholder='severity:5 status:new "free text"' />
        <FacetButton facets={facets} query={q} onChange={(next) => change({ q: next })} />
        <ColumnChooser columns={columns} shown={cols} onChange={(next) => change({ cols: next })} />
      </div>
      <div className="flex min-h-0 flex-1">
        <FacetColumn facets={facets} query={q} onChange={(next) => change({ q: next })} />
        <DataTable
          label="Findings"
          columns={columns}
          rows={all.slice(0, loaded)}
          rowId={(one) => one.id}
          compact={(one) => (
            <div className="flex items-center gap-3">
              <SeverityMark level={one.severity} />
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{one.title}</p>
                <p className="truncate text-xs text-muted">{one.host} · {one.port}</p>
              </div>
              <StatusChip status={one.status} />
            </div>
          )}
          state={{ loading: false, error: null, more: loaded < all.length, loadingMore: false }}
          onMore={() => setLoaded((count) => count + 200)}
          sort={sort}
          onSort={(next) => change({ sort: next })}
          shown={cols}
          openId={open}
          onOpen={(one) => change({ open: one?.id })}
          selected={selected}
          onSelect={setSelected}
          empty={<EmptyState title="Nothing matches" />}
        />
        <SidePanel open={row !== undefined} onClose={() => change({ open: undefined })} label="Finding" title={<span className="text-sm font-semibold">{row?.title}</span>} onPrevious={index > 0 ? () => change({ open: all[index - 1]!.id }) : undefined} onNext={index >= 0 && index < all.length - 1 ? () => change({ open: all[index + 1]!.id }) : undefined}>
          {row !== undefined && (
            <div className="p-4">
              <Stack>
                <Facts items={[['Severity', <SeverityMark key="s" level={row.severity} showName />], ['Host', row.host], ['Port', row.port], ['CVE', row.cve === '' ? '–' : <Badge key="c" mono>{row.cve}</Badge>]]} />
              </Stack>
            </div>
          )}
        </SidePanel>
      </div>
      <SelectionBar count={selected.size} onClear={() => setSelected(new Set())}>
        <Button size="sm" icon={<RefreshCw aria-hidden />}>Verify fix</Button>
        <Button size="sm" icon={<Ban aria-hidden />}>Ignore</Button>
      </SelectionBar>
    </div>
  )
}
