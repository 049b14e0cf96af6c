import type { Observation } from './observation.ts'

/**
 * All that a scanner ever says.
 * `covered`: a probe ran to its end on these ports of the address, so that what it did not report is not there.
 * `failed`: a probe did not; nothing may be concluded from its silence.
 * `done`: nothing more will be said of this host in this slice.
 */
export type ScanEvent =
  | Readonly<{ type: 'seen'; seen: Observation }>
  | Readonly<{
      type: 'covered'
      asset: string
      address: string
      /** Probe id without version. */
      probe: string
      /** Ports as in PortSet text: `tcp:22,80-90;udp:53`; empty for a host-level probe. */
      ports: string
      login: boolean
      /** For probes that ask on behalf of signatures: which signatures were really asked. */
      signatures?: readonly number[]
      at: number
    }>
  | Readonly<{ type: 'failed'; asset: string; address: string; probe: string; ports: string; code: string; text: string; at: number }>
  | Readonly<{ type: 'done'; asset: string; address: string; outcome: 'scanned' | 'dead' | 'partial' | 'refused'; why: string; at: number }>
