import { ListFilter } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { classes } from '#ui/lib/class-names.ts'
import { formatCompact } from '#ui/lib/format.ts'
import { hasChoice, toggleChoice, withValues } from '#ui/lib/query-text.ts'
import { Button } from './button.tsx'
import { Popover } from './popover.tsx'

export type FacetValue = Readonly<{ value: string; term: string; count: number; label?: ReactNode }>
export type Facet = Readonly<{ field: string; title: string; values: readonly FacetValue[] }>
type FacetsProps = { facets: readonly Facet[]; query: string; onChange: (query: string) => void }

/** The commonest values of the list's fields with their numbers; choosing one writes it into the query. */
export function FacetColumn(props: FacetsProps) {
  return (
    <div className="flex w-52 shrink-0 flex-col gap-5 overflow-y-auto border-r border-line px-3 py-3 max-lg:hidden" data-print="hide">
      <FacetLists {...props} />
    </div>
  )
}

/** The same behind a button, where there is no room for a column. */
export function FacetButton(props: FacetsProps) {
  const chosen = props.facets.reduce((sum, facet) => sum + facet.values.filter((entry) => hasChoice(props.query, facet.field, entry)).length, 0)
  return (
    <span className="lg:hidden">
      <Popover align="end" trigger={<Button icon={<ListFilter aria-hidden />}>{chosen === 0 ? t('kit.filter') : t('kit.filter_count', { n: chosen })}</Button>}>
        <div className="flex max-h-[60dvh] w-64 flex-col gap-4 overflow-y-auto"><FacetLists {...props} /></div>
      </Popover>
    </span>
  )
}

function FacetLists({ facets, query, onChange }: FacetsProps) {
  return facets.map((facet) => {
    const chosen = facet.values.filter((entry) => hasChoice(query, facet.field, entry))
    return (
      <div key={facet.field} role="group" aria-label={facet.title}>
        <div className="mb-1 flex h-5 items-center justify-between px-2 text-2xs font-medium text-faint">
          {facet.title}
          {chosen.length > 0 && (
            <button type="button" className="rounded-xs text-accent-ink hover:underline" onClick={() => onChange(withValues(query, facet.field, []))}>{t('kit.clear')}</button>
          )}
        </div>
        <ul className="flex flex-col">
          {facet.values.map((entry) => {
            const on = chosen.includes(entry)
            return (
              <li key={entry.value}>
                <button
                  type="button"
                  aria-pressed={on}
                  onClick={() => onChange(toggleChoice(query, facet.field, entry))}
                  className={classes('flex h-7 w-full items-center justify-between gap-2 rounded-sm px-2 text-left text-sm transition-colors', on ? 'bg-accent-soft font-medium text-accent-ink' : 'text-muted hover:bg-hover hover:text-ink')}
                >
                  <span className="min-w-0 truncate">{entry.label ?? entry.value}</span>
                  <span className={classes('tabular shrink-0 text-xs', on ? 'text-accent-ink' : 'text-faint')}>{formatCompact(entry.count)}</span>
                </button>
              </li>
            )
          })}
          {facet.values.length === 0 && <li className="px-2 text-xs text-faint">{t('kit.none')}</li>}
        </ul>
      </div>
    )
  })
}
