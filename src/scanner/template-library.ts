import type { Profile } from '#core/profile.ts'
import type { TemplatePack } from '#core/template/pack.ts'
import type { TemplateLibrary } from '#engine/template/library.ts'
import { openLibrary } from '#engine/template/open-library.ts'

const opened = new WeakMap<Uint8Array, TemplateLibrary>()
/** What a choice of checks leaves of a library; what the engine works out of a library is worked out once for each. */
const chosen = new WeakMap<TemplateLibrary, Map<string, TemplateLibrary>>()
const mostChosen = 8

/** The templates that a profile wants, opened once for each release and shared by slices side by side; undefined: none. */
export function libraryOf(pack: TemplatePack | undefined, { templates, signatures, exclude }: Pick<Profile, 'templates' | 'signatures' | 'exclude'>): TemplateLibrary | undefined {
  if (pack === undefined || templates === 'off') return undefined
  const library = opened.get(pack.bytes) ?? openLibrary(pack.bytes)
  opened.set(pack.bytes, library)
  if (signatures === 'all' && exclude.length === 0) return library
  const key = JSON.stringify([signatures, exclude])
  const known = chosen.get(library) ?? new Map<string, TemplateLibrary>()
  chosen.set(library, known)
  const before = known.get(key)
  if (before !== undefined) return before
  const [wanted, unwanted] = [signatures === 'all' ? null : new Set(signatures), new Set(exclude)]
  const places = library.checks.flatMap((check, place) => (!unwanted.has(check) && (wanted === null || wanted.has(check)) ? [place] : []))
  const part: TemplateLibrary = { digest: library.digest, checks: places.map((place) => library.checks[place]!), plan: (place) => library.plan(places[place]!) }
  if (known.size >= mostChosen) known.delete(known.keys().next().value!)
  known.set(key, part)
  return part
}
