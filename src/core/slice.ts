import type { SealedCredential } from './credential.ts'
import type { Profile } from './profile.ts'

export type SliceHost = Readonly<{
  asset: string
  address: string
  /** Names by which the host may be addressed (SNI, Host header); the first is preferred. */
  names: readonly string[]
  /** Checks with an open finding here: they are asked again even where the product no longer shows, so that what is gone is seen to be gone. */
  open?: readonly number[]
}>

/** A unit of work leased to one scanner: at most 64 hosts of one scan. */
export type Slice = Readonly<{
  id: string
  scan: string
  hosts: readonly SliceHost[]
  /** Addresses that must not receive a packet whatever else the slice says; IpSet text. */
  exclude: string
  profile: Profile
  /** KnowledgeBase release in force when the slice was leased. */
  content: string
  /** Which checks the organisation is scanned for: `canary` tries staged ones. Absent: `general`. */
  line?: string
  /** Next batch number the platform expects; hosts already finished are not in `hosts`. */
  seq: number
  /** Unix ms at which the lease ends if not renewed by a report; ms after which the scan's window closes, if any. */
  leaseUntil: number
  windowEnds: number | null
  /** Logins for these hosts, sealed to the scanner that holds the lease. */
  credentials?: readonly SealedCredential[]
}>
