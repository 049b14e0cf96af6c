import { seenBy, type Seen } from '../match/seen.ts'
import type { TemplateLibrary } from '../library.ts'
import { catalogueOf } from './catalogue.ts'

const made = new WeakMap<TemplateLibrary, Seen>()

/** One pass over the root page for all templates that look at nothing else: the whole first wave does. Made once for a release, and only when enough pages were looked at. */
export function seenOf(library: TemplateLibrary): Seen {
  const known = made.get(library)
  if (known !== undefined) return known
  const seen = seenBy(() => catalogueOf(library).sought)
  made.set(library, seen)
  return seen
}
