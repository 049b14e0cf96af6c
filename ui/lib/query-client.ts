import { infiniteQueryOptions, QueryClient } from '@tanstack/react-query'
import { api, type Page, type QueryParams } from './api.ts'
import { ProblemError } from './problem.ts'

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: true,
      // What the platform refused, it will refuse again; a broken line or a busy server deserves another try.
      retry: (count, error) => count < 2 && !(error instanceof ProblemError && error.problem.status < 500),
    },
  },
})

/** A keyset-paged list. The key is `[subject, 'list', query]`, so that a live hint about the subject refreshes it. */
export function listOptions<T>(subject: string, path: string, query: QueryParams = {}, limit = 100) {
  return infiniteQueryOptions({
    queryKey: [subject, 'list', path, query] as const,
    queryFn: ({ pageParam, signal }) => api.get<Page<T>>(path, { ...query, limit, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    // The old rows stay until the new ones are here: nothing jumps.
    placeholderData: (before) => before,
    select: (data) => ({ rows: data.pages.flatMap((page) => page.items), first: data.pages[0] }),
  })
}
