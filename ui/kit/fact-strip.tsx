import type { ReactNode } from 'react'

export type StripFact = Readonly<{ id: string; label: ReactNode; value: ReactNode; detail?: ReactNode; source?: string }>

/** A few facts in one calm line, each with who says so. They wrap on a narrow screen; the lines between them stay whole. */
export function FactStrip({ facts, label }: { facts: readonly StripFact[]; label: string }) {
  return (
    <dl aria-label={label} className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-3 xl:flex">
      {facts.map((fact) => (
        <div key={fact.id} className="flex min-w-0 flex-1 flex-col gap-0.5 bg-surface px-4 py-3">
          <dt className="flex items-baseline justify-between gap-2 text-xs font-medium text-muted">
            {fact.label}
            {fact.source !== undefined && <span className="truncate text-2xs font-normal text-faint">{fact.source}</span>}
          </dt>
          <dd className="flex min-w-0 flex-col">
            <span className="tabular text-lg font-semibold tracking-tight">{fact.value}</span>
            {fact.detail !== undefined && <span className="text-xs break-words text-muted">{fact.detail}</span>}
          </dd>
        </div>
      ))}
    </dl>
  )
}
