import type { Dsl, Text } from '#core/template/dsl.ts'
import type { Effect, Fit, HttpBlock, Plan } from '#core/template/plan.ts'
import type { TemplateLibrary } from '../library.ts'
import { addSought } from '../match/texts.ts'

/** What choosing needs to know of a template without reading its plan again. */
export type Entry = Readonly<{
  place: number
  check: number
  effect: Effect
  callback: boolean
  /** Requests it sends at most. */
  requests: number
  /** Places in `requests` of the catalogue: those that are the same for everybody. Null: some depend on what happens. */
  asks: readonly number[] | null
  /** Places in `fits`; empty: for everybody. */
  fits: readonly number[]
  tags: readonly string[]
  /** Sends nothing: judges what others got. */
  isGlobal: boolean
}>

/** A release of templates as choosing sees it: made once, shared by all hosts. */
export type Catalogue = Readonly<{
  entries: readonly Entry[]
  /** `GET /login`, and how many templates ask it. */
  requests: readonly Readonly<{ key: string; templates: number }>[]
  fits: readonly Fit[]
  /** Words by which templates name products. */
  names: ReadonlySet<string>
  /** Texts that templates of the root page alone look for, in lower case (ASCII), each once. */
  sought: readonly string[]
}>

const made = new WeakMap<TemplateLibrary, Catalogue>()

export function catalogueOf(library: TemplateLibrary): Catalogue {
  const known = made.get(library)
  if (known !== undefined) return known
  const requests: { key: string; templates: number }[] = []
  const requestPlaces = new Map<string, number>()
  const fits: Fit[] = []
  const fitPlaces = new Map<string, number>()
  const names = new Set<string>()
  const sought = new Set<string>()
  const tagTexts = new Map<string, string>()
  const entries: Entry[] = []
  for (let place = 0; place < library.checks.length; place++) {
    const plan = library.plan(place)
    if (!plan.blocks.some((block) => block.protocol === 'http')) continue
    const asks = asksOf(plan)
    if (isOfRoot(asks)) addSought(plan, sought)
    entries.push({
      place, check: library.checks[place]!, effect: plan.effect, callback: plan.callback, requests: plan.requests,
      asks: asks === null ? null : asks.map((key) => {
        const at = placeOf(requestPlaces, key, () => requests.push({ key, templates: 0 }))
        requests[at]!.templates += 1
        return at
      }),
      // A port tells nothing of what speaks HTTP there.
      fits: plan.fits.filter((fit) => fit.in !== 'port').map((fit) => {
        if (fit.in === 'name') names.add(fit.is)
        return placeOf(fitPlaces, `${fit.in} ${fit.is}`, () => fits.push(fit))
      }),
      tags: plan.tags.map((tag) => interned(tagTexts, tag)),
      isGlobal: plan.blocks.every((block) => block.protocol === 'http' && block.global),
    })
  }
  const catalogue: Catalogue = { entries, requests, fits, names, sought: [...sought] }
  made.set(library, catalogue)
  return catalogue
}

/** Requests that cost nothing, since they were made for everybody: the root page and its icon. */
const free = /^GET \/(?:favicon\.ico)?(?: ~)?$/

/** Whether a template looks at what is there anyway: its every request is the root page or the icon. */
export function isOfRoot(asks: readonly string[] | null): boolean {
  return asks !== null && asks.every((key) => free.test(key))
}

function placeOf(places: Map<string, number>, key: string, add: () => void): number {
  const known = places.get(key)
  if (known !== undefined) return known
  add()
  places.set(key, places.size)
  return places.size - 1
}

function interned(texts: Map<string, string>, text: string): string {
  const known = texts.get(text)
  if (known === undefined) texts.set(text, text)
  return known ?? text
}

/** The plain requests of a template as `GET /path`; null when one of them is more than that. */
function asksOf(plan: Plan): readonly string[] | null {
  const keys = new Set<string>()
  for (const block of plan.blocks) {
    if (block.protocol !== 'http') return null
    for (const request of block.requests) {
      const key = askOf(request, block)
      if (key === null) return null
      keys.add(key)
    }
  }
  return [...keys]
}

function askOf(request: HttpBlock['requests'][number], block: HttpBlock): string | null {
  if (request.kind !== 'path' || request.body !== null || request.headers.length > 0 || block.payloads !== null || block.digest !== undefined) return null
  const path = pathText(request.path)
  return path === null ? null : `${request.method} ${path === '' ? '/' : path}${block.redirects.follow === 'never' ? '' : ' ~'}`
}

/** `{{BaseURL}}/login` is `/login`. */
export function pathText(text: Text): string | null {
  if (typeof text === 'string' || text.length > 2) return null
  const [first, rest] = text
  if (typeof first === 'string' || first === undefined || !isName(first.of, ['BaseURL', 'RootURL'])) return null
  return rest === undefined ? '' : typeof rest === 'string' ? rest.trimEnd() : null
}

function isName(of: Dsl, names: readonly string[]): boolean {
  return 'name' in of && names.includes(of.name)
}
