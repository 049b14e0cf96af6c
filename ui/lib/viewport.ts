import { useSyncExternalStore } from 'react'

/** Whether the window is narrower than so many CSS pixels. */
export function useNarrow(below: number): boolean {
  return useSyncExternalStore(
    (tell) => {
      const query = matchMedia(`(max-width: ${below - 0.02}px)`)
      query.addEventListener('change', tell)
      return () => query.removeEventListener('change', tell)
    },
    () => matchMedia(`(max-width: ${below - 0.02}px)`).matches,
  )
}
