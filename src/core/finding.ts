import type { Detection } from './signature.ts'
import type { Place } from './place.ts'

export type FindingStatus = 'new' | 'active' | 'fixed' | 'reopened'

/** The life of a detection on a place. Times in Unix ms. */
export type Finding = Readonly<{
  signature: number
  at: Place
  status: FindingStatus
  first: number
  last: number
  fixed?: number
  reopened?: number
  /** How often it was seen; how often it came back after a fix. */
  times: number
  timesReopened: number
}>

/**
 * One step of a finding's life, exactly as the table in docs/user/findings.md. `now` is what this test saw; `covered`
 * says whether the test could have seen it. What was not tested changes nothing.
 */
export function merge(known: Finding | null, now: Detection | null, covered: boolean, at: number): Finding | null {
  if (now !== null) {
    if (known === null) return { signature: now.signature, at: now.at, status: 'new', first: at, last: at, times: 1, timesReopened: 0 }
    const back = known.status === 'fixed'
    return {
      ...known,
      status: back ? 'reopened' : 'active',
      last: at,
      times: known.times + 1,
      timesReopened: known.timesReopened + (back ? 1 : 0),
      ...(back ? { reopened: at } : {}),
    }
  }
  if (known === null || !covered || known.status === 'fixed') return known
  return { ...known, status: 'fixed', fixed: at }
}
