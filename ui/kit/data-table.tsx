import { columnSizingFeature, columnVisibilityFeature, tableFeatures, useTable, type ColumnDef, type RowData } from '@tanstack/react-table'
import { useVirtualizer } from '@tanstack/react-virtual'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useEffect, useMemo, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { classes } from '#ui/lib/class-names.ts'
import { useHotkeys } from '#ui/lib/hotkeys.ts'
import { useNarrow } from '#ui/lib/viewport.ts'
import { CheckboxMark } from './checkbox.tsx'
import { ErrorState } from './error-state.tsx'
import { Spinner } from './progress.tsx'
import { SkeletonRows } from './skeleton.tsx'

export type Column<T> = Readonly<{
  id: string
  header: string
  cell: (row: T) => ReactNode
  /** Pixels, or a share of what is left as `2fr`. */
  width: number | `${number}fr`
  align?: 'right'
  /** Key the server sorts by; without it the heading is no button. */
  sort?: string
  /** Column that can't be taken away. */
  fixed?: boolean
  /** Hidden until the reader asks for it. */
  extra?: boolean
}>

/** `-lastSeen` is falling, `lastSeen` rising. */
export type Sort = string

export type DataTableProps<T> = {
  label: string
  columns: readonly Column<T>[]
  rows: readonly T[]
  rowId: (row: T) => string
  /** One row on a narrow screen, about 60 px high. */
  compact: (row: T) => ReactNode
  state: Readonly<{ loading: boolean; error: unknown; more: boolean; loadingMore: boolean }>
  onMore: () => void
  onRetry?: () => void
  sort?: Sort | undefined
  onSort?: (sort: Sort) => void
  /** Ids of columns shown; undefined is the usual set. */
  shown?: readonly string[] | undefined
  /** The row shown beside the table. */
  openId?: string | undefined
  onOpen?: (row: T | null) => void
  selected?: ReadonlySet<string>
  onSelect?: (selected: ReadonlySet<string>) => void
  empty: ReactNode
  /** Rows of two lines, as on a narrow screen: beside an open panel there is no room for columns. */
  isCompact?: boolean
}

const features = tableFeatures({ columnVisibilityFeature, columnSizingFeature })
const rowHeight = 36
const compactHeight = 62

export function visibleColumns<T>(columns: readonly Column<T>[], shown: readonly string[] | undefined): Column<T>[] {
  return columns.filter((column) => column.fixed === true || (shown === undefined ? column.extra !== true : shown.includes(column.id)))
}

/**
 * A list of any length: rows out of sight are not drawn, the next page is fetched before it is needed, and the keyboard walks
 * it (j k arrows home end, enter opens, x selects, esc closes).
 */
export function DataTable<T extends RowData>(props: DataTableProps<T>) {
  const { columns, rows, rowId, state, onMore, openId, onOpen, selected, onSelect, shown } = props
  const isNarrow = useNarrow(640)
  const narrow = isNarrow || props.isCompact === true
  const scroll = useRef<HTMLDivElement>(null)
  const [lastCursor, setCursor] = useState(-1)

  const definitions = useMemo(
    () => columns.map((column): ColumnDef<typeof features, T> => ({ id: column.id, header: column.header, size: typeof column.width === 'number' ? column.width : 150, enableHiding: column.fixed !== true })),
    [columns],
  )
  const visibility = useMemo(() => {
    const visible = new Set(visibleColumns(columns, shown).map((column) => column.id))
    return Object.fromEntries(columns.map((column) => [column.id, visible.has(column.id)]))
  }, [columns, shown])
  const table = useTable({ features, columns: definitions, data: rows as T[], getRowId: rowId, state: { columnVisibility: visibility } })
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns])
  const visible = table.getVisibleLeafColumns().map((column) => byId.get(column.id)!)
  const model = table.getRowModel().rows
  // A query may leave fewer rows than there were above the cursor.
  const cursor = Math.min(lastCursor, model.length - 1)

  const height = narrow ? compactHeight : rowHeight
  const virtual = useVirtualizer({ count: model.length, getScrollElement: () => scroll.current, estimateSize: () => height, overscan: 12, getItemKey: (index) => model[index]!.id })
  useEffect(() => virtual.measure(), [height, virtual])
  const items = virtual.getVirtualItems()
  const lastShown = items.at(-1)?.index ?? -1
  const { more, loadingMore } = state
  useEffect(() => {
    if (more && !loadingMore && lastShown >= model.length - 20 && model.length > 0) onMore()
  }, [lastShown, model.length, more, loadingMore, onMore])

  // The open row is the cursor: j and k go on from it, also when the panel's own buttons moved it.
  const openIndex = openId === undefined ? -1 : model.findIndex((row) => row.id === openId)
  useEffect(() => {
    if (openIndex < 0) return
    setCursor(openIndex)
    virtual.scrollToIndex(openIndex, { align: 'auto' })
  }, [openIndex, virtual])

  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(model.length - 1, index))
    if (model.length === 0) return
    setCursor(next)
    virtual.scrollToIndex(next, { align: 'auto' })
    if (openId !== undefined) onOpen?.(model[next]!.original)
  }
  const toggle = (id: string) => {
    if (selected === undefined || onSelect === undefined) return
    const next = new Set(selected)
    if (!next.delete(id)) next.add(id)
    onSelect(next)
  }
  const move = (event: Pick<KeyboardEvent, 'key' | 'preventDefault'>) => {
    const page = Math.floor((scroll.current?.clientHeight ?? 400) / height) - 2
    const moves: Record<string, () => void> = {
      j: () => moveTo(cursor + 1), ArrowDown: () => moveTo(cursor + 1), k: () => moveTo(cursor - 1), ArrowUp: () => moveTo(cursor - 1),
      Home: () => moveTo(0), End: () => moveTo(model.length - 1), PageDown: () => moveTo(cursor + page), PageUp: () => moveTo(cursor - page),
      Enter: () => { const row = model[cursor]; if (row !== undefined) onOpen?.(row.original) },
      o: () => { const row = model[cursor]; if (row !== undefined) onOpen?.(row.original) },
      x: () => { const row = model[cursor]; if (row !== undefined) toggle(row.id) },
      Escape: () => (openId === undefined ? onSelect?.(new Set()) : onOpen?.(null)),
    }
    const run = moves[event.key]
    if (run === undefined) return
    event.preventDefault()
    run()
  }
  const press = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.metaKey || event.ctrlKey || event.altKey) return
    move(event)
  }
  // The list is what the page is for: its letters work wherever the focus is, but in a field. It is taken there, so that Enter and the
  // eye follow; from a panel beside it, the panel keeps it.
  const grid = useRef<HTMLDivElement>(null)
  const letter = (event: globalThis.KeyboardEvent) => {
    if (document.activeElement?.closest('aside') === null || document.activeElement === null) grid.current?.focus({ preventScroll: true })
    move(event)
  }
  useHotkeys({ j: letter, k: letter, x: letter, o: letter, ...(openId === undefined ? {} : { escape: letter }) })

  const selectable = selected !== undefined && onSelect !== undefined
  const template = [...(selectable ? ['36px'] : []), ...visible.map((column) => (typeof column.width === 'number' ? `${column.width}px` : `minmax(${Number.parseFloat(column.width) > 1 ? 200 : 120}px, ${column.width})`))].join(' ')
  const least = visible.reduce((sum, column) => sum + (typeof column.width === 'number' ? column.width : Number.parseFloat(column.width) > 1 ? 200 : 120), selectable ? 36 : 0)
  const allSelected = selectable && model.length > 0 && model.every((row) => selected.has(row.id))

  if (state.error !== null && state.error !== undefined && rows.length === 0) return <ErrorState error={state.error} {...(props.onRetry === undefined ? {} : { onRetry: props.onRetry })} />
  if (!state.loading && rows.length === 0) return <div className="min-h-0 flex-1 overflow-y-auto">{props.empty}</div>

  return (
    <div ref={scroll} className="min-h-0 flex-1 overflow-auto overscroll-contain print:overflow-visible">
      <div
        ref={grid}
        role="grid"
        aria-label={props.label}
        aria-rowcount={state.more ? -1 : model.length + 1}
        aria-busy={state.loading}
        aria-activedescendant={cursor >= 0 && model[cursor] !== undefined ? `row-${model[cursor].id}` : undefined}
        tabIndex={0}
        onKeyDown={press}
        onFocus={(event) => { if (event.target === event.currentTarget && cursor < 0 && model.length > 0) setCursor(0) }}
        className="group/grid relative min-h-full outline-none focus-visible:outline-none"
        style={narrow ? undefined : { minWidth: least }}
      >
        {!narrow && (
          <div role="row" aria-rowindex={1} className="sticky top-0 z-10 grid h-8 items-center border-b border-line bg-canvas text-xs font-medium text-muted" style={{ gridTemplateColumns: template }}>
            {selectable && (
              <div role="columnheader" className="flex items-center justify-center pl-1">
                <CheckboxMark label={t('kit.select_all')} checked={allSelected} indeterminate={!allSelected && selected.size > 0} onChange={() => onSelect(allSelected ? new Set() : new Set(model.map((row) => row.id)))} />
              </div>
            )}
            {visible.map((column) => <HeaderCell key={column.id} column={column} sort={props.sort} onSort={props.onSort} />)}
          </div>
        )}
        {state.loading ? <SkeletonRows count={14} height={height} /> : (
          <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
            {items.map((item) => {
              const row = model[item.index]!
              const isOpen = row.id === openId
              const isSelected = selected?.has(row.id) === true
              return (
                // Keys go to the grid, which holds the focus and moves the active row.
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
                <div
                  key={item.key}
                  id={`row-${row.id}`}
                  role="row"
                  aria-rowindex={item.index + 2}
                  aria-selected={selectable ? isSelected : isOpen}
                  onClick={(event) => {
                    // A link inside the row does its own work; text that was selected is meant to be copied.
                    if ((event.target as HTMLElement).closest('a,button,[role=checkbox]') !== null || (window.getSelection()?.toString() ?? '') !== '') return
                    setCursor(item.index)
                    onOpen?.(row.original)
                  }}
                  className={classes(
                    'absolute top-0 left-0 grid w-full items-center border-b border-line text-sm',
                    onOpen !== undefined && 'cursor-default',
                    isOpen ? 'bg-accent-soft' : isSelected ? 'bg-accent-soft/60' : 'hover:bg-hover',
                    item.index === cursor && 'group-focus-visible/grid:outline-2 group-focus-visible/grid:-outline-offset-2 group-focus-visible/grid:outline-accent',
                  )}
                  style={{ height, transform: `translateY(${item.start}px)`, gridTemplateColumns: narrow ? '1fr' : template }}
                >
                  {narrow ? <div role="gridcell" className="min-w-0 px-4">{props.compact(row.original)}</div> : (
                    <>
                      {selectable && (
                        <div role="gridcell" className="flex items-center justify-center pl-1">
                          <CheckboxMark label={t('kit.select_row')} checked={isSelected} onChange={() => toggle(row.id)} />
                        </div>
                      )}
                      {visible.map((column) => (
                        <div key={column.id} role="gridcell" className={classes('min-w-0 truncate px-3', column.align === 'right' && 'tabular text-right')}>{column.cell(row.original)}</div>
                      ))}
                    </>
                  )}
                </div>
              )
            })}
          </div>
        )}
        {state.loadingMore && <div className="flex h-10 items-center justify-center gap-2 text-xs text-faint"><Spinner />{t('kit.loading_more')}</div>}
        {state.error !== null && state.error !== undefined && rows.length > 0 && <ErrorState error={state.error} onRetry={onMore} />}
      </div>
    </div>
  )
}

function HeaderCell<T>({ column, sort, onSort }: { column: Column<T>; sort: Sort | undefined; onSort: ((sort: Sort) => void) | undefined }) {
  const key = column.sort
  const rising = key !== undefined && sort === key
  const falling = key !== undefined && sort === `-${key}`
  return (
    <div role="columnheader" aria-sort={rising ? 'ascending' : falling ? 'descending' : undefined} className={classes('min-w-0 px-3', column.align === 'right' && 'flex justify-end')}>
      {key === undefined || onSort === undefined ? <span className="block truncate">{column.header === '' ? <span className="sr-only">{t('kit.actions')}</span> : column.header}</span> : (
        <button type="button" onClick={() => onSort(falling ? key : `-${key}`)} className={classes('-mx-1 flex max-w-full items-center gap-1 rounded-xs px-1 hover:text-ink', (rising || falling) && 'text-ink')}>
          <span className="truncate">{column.header}</span>
          {rising && <ArrowUp className="size-3 shrink-0" aria-hidden />}
          {falling && <ArrowDown className="size-3 shrink-0" aria-hidden />}
        </button>
      )}
    </div>
  )
}
