import type { ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { classes } from '#ui/lib/class-names.ts'

export type PlainColumn<T> = Readonly<{ id: string; header: ReactNode; cell: (row: T) => ReactNode; align?: 'right'; wide?: boolean; hideNarrow?: boolean }>

/** A short table that needs no paging: settings, ports of a host. Long ones are DataTable's. */
export function Table<T>({ rows, columns, rowKey, label, empty }: { rows: readonly T[]; columns: readonly PlainColumn<T>[]; rowKey: (row: T) => string; label: string; empty?: ReactNode }) {
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>
  return (
    // What may be wider than the screen scrolls, and must do so by keyboard too.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="region" aria-label={label} tabIndex={0} className="relative w-full overflow-x-auto outline-offset-[-2px]!">
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={classes('h-8 border-b border-line px-4 text-left text-xs font-medium whitespace-nowrap text-muted', column.align === 'right' && 'text-right', column.hideNarrow === true && 'max-sm:hidden')}>
                {column.header === '' ? <span className="sr-only">{t('kit.actions')}</span> : column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-b border-line last:border-b-0 hover:bg-hover">
              {columns.map((column) => (
                <td key={column.id} className={classes('h-9 px-4 py-1.5', column.align === 'right' && 'tabular text-right', column.wide === true && 'w-full', column.hideNarrow === true && 'max-sm:hidden')}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
