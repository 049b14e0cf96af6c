import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import type { Session } from '#api/rest/identity/schemas.ts'
import { api } from './api.ts'

export type { Session }
export type Action = Session['actions'][number]
export type Role = NonNullable<Session['organisation']>['role']

export const sessionOptions = queryOptions({ queryKey: ['session'], queryFn: ({ signal }) => api.get<Session>('/identity/session', {}, signal), staleTime: 60_000, retry: false })

export function useSession(): Session {
  return useSuspenseQuery(sessionOptions).data
}

/** Hides what the platform would refuse; the platform refuses it all the same. */
export function useCan(): (action: Action) => boolean {
  const { actions } = useSession()
  return (action) => actions.includes(action)
}
