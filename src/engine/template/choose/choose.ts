import type { Catalogue, Entry } from './catalogue.ts'

/** Requests that cost nothing, since they were made for everybody: the root page and its icon. */
const free = /^GET \/(?:favicon\.ico)?(?: ~)?$/

/** Templates whose every request is the root page or the icon: they look at what is there anyway, and tell what the server is. */
export function firstWave({ entries, requests }: Catalogue, allowed: (entry: Entry) => boolean): readonly Entry[] {
  return entries.filter((entry) => !entry.isGlobal && entry.asks !== null && entry.asks.every((place) => free.test(requests[place]!.key)) && allowed(entry))
}

/** Templates for products that may be there, by what was seen; and those with an open finding here, whatever was seen. Cheap ones first. */
export function fittingWave({ entries }: Catalogue, held: ReadonlySet<number>, open: ReadonlySet<number>, allowed: (entry: Entry) => boolean): readonly Entry[] {
  return entries.filter((entry) => !entry.isGlobal && (open.has(entry.check) || entry.fits.some((place) => held.has(place))) && allowed(entry)).sort((a, b) => Number(open.has(b.check)) - Number(open.has(a.check)) || a.requests - b.requests)
}

/** How much sooner a template is sent for what its tags say: what is exploited today before what is merely there. */
const weights: readonly (readonly [tag: string, weight: number])[] = [['kev', 0.1], ['vkev', 0.15], ['exposure', 0.4], ['config', 0.6], ['misconfig', 0.6], ['cve', 0.7], ['files', 0.7], ['backup', 0.7]]

/**
 * Templates for nothing in particular, as far as `most` requests go: those first whose requests are shared by many. `asked`: keys of requests that were made already and cost nothing. What is left out comes back, too.
 */
export function genericWave({ entries, requests }: Catalogue, most: number, allowed: (entry: Entry) => boolean, asked: ReadonlySet<string>): Readonly<{ chosen: readonly Entry[]; left: readonly Entry[] }> {
  const candidates = entries.filter((entry) => !entry.isGlobal && entry.fits.length === 0 && allowed(entry)).map((entry) => ({ entry, price: priceOf(entry, requests) })).sort((a, b) => a.price - b.price)
  const made = new Set(asked)
  const chosen: Entry[] = []
  const left: Entry[] = []
  let spent = 0
  for (const { entry } of candidates) {
    const fresh = entry.asks === null ? null : entry.asks.map((place) => requests[place]!.key).filter((key) => !made.has(key))
    const cost = fresh === null ? entry.requests : fresh.length
    if (spent + cost > most) {
      left.push(entry)
      continue
    }
    spent += cost
    for (const key of fresh ?? []) made.add(key)
    chosen.push(entry)
  }
  return { chosen, left }
}

function priceOf({ asks, requests: own, tags }: Entry, requests: Catalogue['requests']): number {
  const cost = asks === null ? own : asks.reduce((sum, place) => sum + 1 / requests[place]!.templates, 0)
  const weight = Math.min(...tags.map((tag) => weights.find(([name]) => name === tag)?.[1] ?? 1), 1)
  return cost * (tags.includes('osint') ? 3 : weight)
}
