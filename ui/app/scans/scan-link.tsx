import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ScanList } from '#api/rest/scans/schemas.ts'
import { TextLink } from '#ui/kit/link.tsx'
import { api } from '#ui/lib/api.ts'
import { useSession } from '#ui/lib/session.ts'

/**
 * Leads to a scan where the reader may see it: who sees only a part of the organisation sees only the scans they started, and a link
 * that ends at “not found” is worse than none. `dot` sets it off from what stands before.
 */
export function ScanLink({ id, children, otherwise = null, dot = false }: { id: string; children: ReactNode; otherwise?: ReactNode; dot?: boolean }) {
  const { scope, actions } = useSession()
  const may = actions.includes('scan.read')
  const mine = useQuery({ queryKey: ['scan', 'mine'], queryFn: ({ signal }) => api.get<ScanList>('/scans', { limit: 100 }, signal), enabled: may && scope !== null, staleTime: 60_000 })
  if (!may || (scope !== null && mine.data?.items.some((scan) => scan.id === id) !== true)) return otherwise
  return <>{dot && '· '}<TextLink to="/scans/$id" params={{ id }}>{children}</TextLink></>
}
