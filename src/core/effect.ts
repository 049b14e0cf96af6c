import type { Profile } from './profile.ts'
import type { Effect } from './template/plan.ts'

/** Whether a profile lets a look go as far as this. What is meant to deny service is never let. */
export function allows({ login, intrusive, fragile }: Pick<Profile, 'login' | 'intrusive' | 'fragile'>, effect: Effect): boolean {
  switch (effect) {
    case 'passive':
    case 'harmless':
      return true
    case 'login':
      return login !== false
    case 'intrusive':
      return intrusive === true && fragile !== true
    case 'dos':
      return false
    default:
      return effect satisfies never
  }
}
