import { Fragment, type ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { classes } from '#ui/lib/class-names.ts'

export type PlainColumn<T> = Readonly<{ id: string; header: ReactNode; cell: (row: T) => ReactNode; align?: 'right'; wide?: boolean; hideNarrow?: boolean; /** Stands first on a narrow screen, in place of the wide one. */ lead?: boolean }>

/**
 * A short table that needs no paging: settings, ports of a host. Long ones are DataTable's. On a narrow screen each row becomes a
 * few lines, the `wide` column first. `below`: what belongs to a row and wants its whole width.
 */
export function Table<T>({ rows, columns, rowKey, label, empty, below }: {
  rows: readonly T[]
  columns: readonly PlainColumn<T>[]
  rowKey: (row: T) => string
  label: string
  empty?: ReactNode
  below?: (row: T) => ReactNode
}) {
  const lead = columns.find((column) => column.lead === true) ?? columns.find((column) => column.wide === true)
  if (rows.length === 0 && empty !== undefined) return <>{empty}</>
  return (
    // What may be wider than the screen scrolls, and must do so by keyboard too.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div role="region" aria-label={label} tabIndex={0} className="relative w-full overflow-x-auto outline-offset-[-2px]!">
      <table className="w-full border-collapse text-sm max-sm:block">
        <thead className="max-sm:sr-only">
          <tr>
            {columns.map((column) => (
              <th key={column.id} scope="col" className={classes('h-8 border-b border-line px-4 text-left text-xs font-medium whitespace-nowrap text-muted', column.align === 'right' && 'text-right', column.hideNarrow === true && 'max-sm:hidden')}>
                {column.header === '' ? <span className="sr-only">{t('kit.actions')}</span> : column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="max-sm:block">
          {rows.map((row) => {
            const more = below?.(row)
            const hasMore = more !== undefined && more !== null && more !== false
            return (
              <Fragment key={rowKey(row)}>
                <tr
                 
                  className={classes(
                    'hover:bg-hover max-sm:flex max-sm:flex-wrap max-sm:items-center max-sm:gap-x-4 max-sm:gap-y-1 max-sm:px-4 max-sm:py-2.5',
                    hasMore ? 'max-sm:pb-0' : 'border-b border-line last:border-b-0',
                  )}
                >
                  {columns.map((column) => (
                    <td
                      key={column.id}
                     
                      className={classes(
                        'h-9 px-4 py-1.5 max-sm:h-auto max-sm:max-w-full max-sm:min-w-0 max-sm:p-0 max-sm:break-words',
                        column.align === 'right' && 'tabular text-right max-sm:text-left',
                        column.wide === true && 'w-full max-sm:basis-full',
                        // Beside a wide column a name would be squeezed to a word a line.
                        column.lead === true && column.wide !== true && 'sm:min-w-48',
                        column === lead && 'max-sm:order-first',
                        column.hideNarrow === true && 'max-sm:hidden',
                      )}
                    >
                      {column.align === 'right' && column.header !== '' && <span aria-hidden className="mr-1 text-xs text-faint sm:hidden">{column.header}</span>}
                      {column.cell(row)}
                    </td>
                  ))}
                </tr>
                {hasMore && (
                  <tr className="border-b border-line last:border-b-0 max-sm:block">
                    <td colSpan={columns.length} className="px-4 pb-2 max-sm:block max-sm:pt-1">{more}</td>
                  </tr>
                )}
              </Fragment>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}
