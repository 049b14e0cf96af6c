import type { ReactNode } from 'react'
import type { Facet } from '#ui/kit/facets.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'

type ApiFacet = Readonly<{ field: string; label: string; values: readonly Readonly<{ value: string; label: string; term: string; count: number }>[] }>

/** The API's facets with our marks for severity and status. */
export function facetsOf(facets: readonly ApiFacet[]): Facet[] {
  return facets.filter((facet) => facet.values.length > 0).map((facet) => ({
    field: facet.field,
    title: facet.label,
    values: facet.values.map((entry) => ({ value: entry.value, count: entry.count, name: entry.label, label: markOf(facet.field, entry) })),
  }))
}

function markOf(field: string, entry: Readonly<{ value: string; label: string }>): ReactNode {
  if (field === 'severity') return <SeverityMark level={Number(entry.value)} showName />
  if (field === 'status') return <StatusChip status={entry.value} label={entry.label} />
  return entry.label
}
