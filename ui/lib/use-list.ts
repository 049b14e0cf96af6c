import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { QueryParams } from './api.ts'
import { listOptions } from './query-client.ts'

/** A keyset-paged list as DataTable takes it. */
export function useList<T>(subject: string, path: string, query: QueryParams = {}, options: { limit?: number; enabled?: boolean } = {}) {
  const found = useInfiniteQuery({ ...listOptions<T>(subject, path, query, options.limit), enabled: options.enabled ?? true })
  const { fetchNextPage, refetch } = found
  const onMore = useCallback(() => void fetchNextPage({ cancelRefetch: false }), [fetchNextPage])
  const onRetry = useCallback(() => void refetch(), [refetch])
  const rows: readonly T[] = found.data?.rows ?? []
  return {
    rows,
    /** The first page as the platform gave it: some say more than their rows. */
    first: found.data?.first,
    error: found.error,
    state: { loading: found.isPending, error: found.error, more: found.hasNextPage, loadingMore: found.isFetchingNextPage },
    /** The rows belong to the query before: the new ones are on their way. */
    stale: found.isPlaceholderData,
    onMore,
    onRetry,
  }
}
