import type { AnyRouter } from '@tanstack/react-router'

/** Ms that the page being read has for itself. */
const patience = 2000

/**
 * Brings the code of all pages, one after the other, while nobody waits for anything: each opens at once, and also while the platform is away, when a page that is still to be brought would
 * leave nothing but the browser's own error. What fails is brought when it is opened.
 */
export function bringPages(router: AnyRouter): () => void {
  let over = false
  const timer = setTimeout(() => void bringAll(), patience)
  const bringAll = async (): Promise<void> => {
    for (const route of Object.values(router.routesById)) {
      if (over) return
      await new Promise<void>((resolve) => void ('requestIdleCallback' in window ? window.requestIdleCallback(() => resolve(), { timeout: patience }) : setTimeout(resolve, 50)))
      try {
        await router.loadRouteChunk(route)
      } catch {
        return
      }
    }
  }
  return () => {
    over = true
    clearTimeout(timer)
  }
}
