import { useQuery } from '@tanstack/react-query'
import type { Scan, ScanHost, ScanHostList } from '#api/rest/scans/schemas.ts'
import { api } from '#ui/lib/api.ts'
import { isLive } from './scan-state.ts'

/** All hosts of a scan, as far as a screen can hold them; read again while it runs. */
export function useScanHosts(scan: Scan) {
  return useQuery({
    queryKey: ['scan', 'hosts', scan.id],
    queryFn: ({ signal }) => api.get<ScanHostList>(`/scans/${scan.id}/hosts`, { limit: 4096 }, signal),
    refetchInterval: isLive(scan) ? 2500 : false,
    placeholderData: (before) => before,
  })
}

export type { ScanHost }
