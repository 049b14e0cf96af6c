import { isOfRoot, type Catalogue, type Entry } from './catalogue.ts'

/** Templates whose every request is the root page or the icon: they look at what is there anyway, and tell what the server is. */
export function firstWave({ entries, requests }: Catalogue, allowed: (entry: Entry) => boolean): readonly Entry[] {
  return entries.filter((entry) => !entry.isGlobal && isOfRoot(entry.asks === null ? null : entry.asks.map((place) => requests[place]!.key)) && allowed(entry))
}

/** All of them; those that ask the same stand together, so that an answer need not be kept long. */
export function wholeWave({ entries }: Catalogue, allowed: (entry: Entry) => boolean): readonly Entry[] {
  const first = (entry: Entry): number => entry.asks?.[0] ?? Number.MAX_SAFE_INTEGER
  return entries.filter((entry) => !entry.isGlobal && allowed(entry)).sort((a, b) => first(a) - first(b))
}

/** Templates for products that may be there, by what was seen; and those with an open finding here, whatever was seen. Cheap ones first. */
export function fittingWave({ entries }: Catalogue, held: ReadonlySet<number>, open: ReadonlySet<number>, allowed: (entry: Entry) => boolean): readonly Entry[] {
  return entries.filter((entry) => !entry.isGlobal && (open.has(entry.check) || entry.fits.some((place) => held.has(place))) && allowed(entry)).sort((a, b) => Number(open.has(b.check)) - Number(open.has(a.check)) || a.requests - b.requests)
}

/**
 * How much sooner a template is sent for what its tags say: what is exploited today, and what any server may have left open, before what names a product that nothing hints at, which is
 * what its page of login or its name among the tags tells.
 */
const sooner: Readonly<Record<string, number>> = { generic: 0.1, env: 0.1, git: 0.1, kev: 0.3, backup: 0.25, logs: 0.25, files: 0.3, exposure: 0.3, config: 0.3, debug: 0.3, phpinfo: 0.2, misconfig: 0.5, unauth: 0.5, graphql: 0.5, swagger: 0.2, api: 0.5 }
const later: Readonly<Record<string, number>> = { panel: 3, tech: 2, router: 3, iot: 3, edb: 2, packetstorm: 3, osint: 5, c2: 5, takeover: 2, token: 2 }

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
  return cost * Math.min(1, ...tags.map((tag) => sooner[tag] ?? 1)) * Math.max(1, ...tags.map((tag) => later[tag] ?? 1))
}
