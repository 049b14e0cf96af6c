import { keepPreviousData, useQueries } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { catalogued } from '#ui/i18n/text.ts'
import type { Facet } from '#ui/kit/facets.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { api } from './api.ts'
import { queryTokens, withValues } from './query-text.ts'

type ApiFacet = Readonly<{ field: string; label: string; values: readonly Readonly<{ value: string; label: string; term: string; count: number }>[] }>
type ApiFacets = Readonly<{ total: number; facets: readonly ApiFacet[]; release?: string | null }>

/**
 * Facets of a list. A field that is asked for already is counted without its own term, so that its other values can still be
 * seen and added.
 */
export function useFacets(subject: string, path: string, q: string): Readonly<{ total: number | undefined; release: string | null; facets: readonly Facet[] }> {
  const fields = [...new Set(queryTokens(q).flatMap((token) => /^([A-Za-z.]+):/.exec(token.text)?.[1] ?? []))].slice(0, 4)
  const results = useQueries({
    queries: [q, ...fields.map((field) => withValues(q, field, []))].map((query) => ({
      queryKey: [subject, 'facets', query], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<ApiFacets>(path, { q: query }, signal), placeholderData: keepPreviousData, retry: false,
    })),
  })
  const main = results[0]?.data
  const facets = (main?.facets ?? []).map((facet) => {
    const wider = results[fields.indexOf(facet.field) + 1]?.data
    return fields.includes(facet.field) ? (wider?.facets.find((one) => one.field === facet.field) ?? facet) : facet
  })
  return { total: main?.total, release: main?.release ?? null, facets: facets.filter((facet) => facet.values.length > 0).map(withMarks) }
}

function withMarks(facet: ApiFacet): Facet {
  return {
    field: facet.field,
    title: facet.label,
    values: facet.values.map((entry) => ({ value: entry.value, term: entry.term, count: entry.count, label: markOf(facet.field, entry) })),
  }
}

function markOf(field: string, entry: Readonly<{ value: string; label: string }>): ReactNode {
  if (field === 'severity') return <SeverityMark level={Number(entry.value)} showName />
  if (field === 'status') return <StatusChip status={entry.value} label={entry.label} />
  if (field === 'state') return catalogued('asset_state', entry.value) ?? entry.label
  if (['kind', 'detection', 'source'].includes(field)) return catalogued(`kb_${field}`, entry.value) ?? entry.label
  if (field === 'type') return catalogued('type', entry.value) ?? entry.label
  return entry.label
}
