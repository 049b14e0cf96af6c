import type { Scan, ScanRow } from '#api/rest/scans/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'

const ended: readonly ScanRow['state'][] = ['Finished', 'Canceled', 'Error']

export function isLive(scan: Readonly<{ state: ScanRow['state'] }>): boolean {
  return !ended.includes(scan.state)
}

/** State and, once it has ended, what came of it. */
export function stateText(scan: Readonly<Pick<ScanRow, 'state' | 'subState'>>): string {
  const state = word('status', scan.state.toLowerCase())
  return scan.subState === null ? state : t('scans.state_with', { state, sub: word('sub_state', scan.subState) })
}

export function stateFigure(scan: Readonly<Pick<ScanRow, 'state' | 'subState'>>): string {
  return scan.state === 'Finished' && scan.subState === 'Not_Tested' ? 'partial' : scan.state
}

/** How far it is, for the progress bar; null while the whole is not known. */
export function progressOf(scan: Scan | ScanRow): number | null {
  return scan.hostsTotal === 0 && isLive(scan) ? null : scan.progress
}
