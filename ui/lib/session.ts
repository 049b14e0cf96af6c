import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import type { Action, Role } from '#platform/access/role.ts'
import { api } from './api.ts'

export type Organisation = Readonly<{ id: string; name: string; role: Role }>
/** Who is signed in, where, and what they may do. */
export type Session = Readonly<{
  user: Readonly<{ id: string; name: string; email: string }>
  organisation: Organisation | null
  organisations: readonly Organisation[]
  actions: readonly Action[]
}>

export const sessionOptions = queryOptions({ queryKey: ['session'], queryFn: ({ signal }) => api.get<Session>('/session', {}, signal), staleTime: 60_000, retry: false })

export function useSession(): Session {
  return useSuspenseQuery(sessionOptions).data
}

/** Hides what the platform would refuse; the platform refuses it all the same. */
export function useCan(): (action: Action) => boolean {
  const { actions } = useSession()
  return (action) => actions.includes(action)
}
