import { createHash } from 'node:crypto'
import type { Affected, Interval, Software } from '#core/knowledge/affected.ts'
import type { Hit } from '#core/knowledge/hit.ts'
import { compileLibraries, type Page, type UsedLibrary } from '#core/knowledge/library.ts'
import type { KnownLifecycle } from '#core/knowledge/lifecycle.ts'
import { isDistribution } from '#core/version/ecosystem.ts'
import type { KnowledgeBase, ReleaseFacts } from '#knowledge/knowledge-base.ts'
import type { Store } from '#store/store.ts'
import { fit } from '../asset/text.ts'
import { lifecyclesOf, type Lifecycles } from './lifecycles.ts'
import { openRangeChecks, type RangeCheck } from './range-check.ts'

/** A vulnerability that a piece of software has by its version, in the words that a finding shows. */
export type RangeHit = Readonly<{
  check: number; vulnerability: string; type: 'confirmed' | 'potential'; fixedIn: string | null; source: string; key: string
  /** `before 3.0.13-1~deb12u1`, `all versions`. */
  range: string
  unfixed: boolean
}>
export type Piece = Readonly<{ id: string; software: Software }>
/** Software to be compared, and all that is known of the host: a condition may need two products, and what a distribution packaged its own advisories decide. */
export type PiecesOfHost = Readonly<{ pieces: readonly Piece[]; context: readonly Piece[] }>

export type Ranges = Readonly<{
  facts: ReleaseFacts
  /**
   * What each piece of each host's software has, by the piece's id. A distribution's package stands for itself, whatever host it is on; anything else is compared
   * in the company of all that is on the host.
   */
  match(hosts: readonly PiecesOfHost[]): Promise<readonly ReadonlyMap<string, readonly RangeHit[]>[]>
  /** Makes the checks be there for findings to name. */
  ensure(hits: Iterable<RangeHit>): Promise<void>
  checkOf(check: number): RangeCheck | undefined
  lifecycles(): Promise<Lifecycles>
  /** Makes the checks of life cycles be there for findings to name. */
  ensureLifecycles(known: Iterable<KnownLifecycle>): Promise<void>
  /** Which client-side libraries a page uses; null: the release knows none. */
  libraries(): Promise<((page: Page) => readonly UsedLibrary[]) | null>
}>

/** Hits remembered at most; about 100 MB of them would be a million. */
const mostRemembered = 150_000
const piecesAtOnce = 20_000

export function openRanges(store: Store, base: KnowledgeBase): Ranges {
  const checks = openRangeChecks(store, base)
  const memory = remember()

  /** Asks for what is not remembered. Of each group, what its `pieces` have; its `context` is only company. */
  async function learn(groups: ReadonlyMap<string, PiecesOfHost>, found: Map<string, Found>): Promise<void> {
    const list = [...groups]
    for (let from = 0; from < list.length; ) {
      let end = from
      for (let weight = 0; end < list.length && (end === from || weight < piecesAtOnce); end++) weight += list[end]![1].pieces.length + list[end]![1].context.length
      const part = list.slice(from, end)
      from = end
      const answers = await base.match(part.map(([, { pieces, context }]) => distinct([...pieces, ...context]).map((piece) => piece.software)))
      for (const [place, [key, { pieces }]] of part.entries()) {
        const bySoftware = new Map(pieces.map((piece) => [spelling(piece.software), piece.id]))
        const byPiece = new Map<string, RangeHit[]>()
        for (const hit of answers[place] ?? []) {
          const id = bySoftware.get(spelling(hit.software))
          if (id === undefined) continue
          const own = byPiece.get(id) ?? []
          byPiece.set(id, own)
          own.push(rangeHitOf(hit))
        }
        found.set(key, byPiece)
        memory.keep(key, byPiece)
      }
    }
  }

  let lives: Promise<Lifecycles> | null = null
  let recognise: Promise<((page: Page) => readonly UsedLibrary[]) | null> | null = null

  return {
    facts: base.facts,
    checkOf: checks.of,
    // What failed is asked again.
    lifecycles: () => (lives ??= base.lifecycles().then(lifecyclesOf, (error: unknown) => {
      lives = null
      throw error
    })),
    ensureLifecycles: (known) => checks.ensureLifecycles(known),
    libraries: () => (recognise ??= base.libraries().then((list) => (list.length === 0 ? null : compileLibraries(list)), (error: unknown) => {
      recognise = null
      throw error
    })),
    async match(hosts) {
      const found = new Map<string, Found>()
      const groups = new Map<string, PiecesOfHost>()
      const keysOfHosts = hosts.map((host) => {
        const others = distinct(host.pieces.filter((piece) => !isDistribution(piece.software.ecosystem)))
        const asked = distinct(host.pieces.filter((piece) => isDistribution(piece.software.ecosystem))).map((piece): readonly [string, PiecesOfHost] => [piece.id, { pieces: [piece], context: [] }])
        if (others.length > 0) asked.push([companyOf(others, host.context), { pieces: others, context: host.context }])
        return asked.map(([key, group]) => {
          const known = found.get(key) ?? memory.get(key)
          if (known !== undefined) found.set(key, known)
          else groups.set(key, group)
          return key
        })
      })
      await learn(groups, found)
      return keysOfHosts.map((keys) => new Map(keys.flatMap((key) => [...found.get(key) ?? []])))
    },
    async ensure(hits) {
      const names = new Map<number, string>()
      for (const hit of hits) names.set(hit.check, hit.vulnerability)
      await checks.ensure(names.keys(), (check) => names.get(check)!)
    },
  }
}

function distinct(pieces: readonly Piece[]): readonly Piece[] {
  return [...new Map(pieces.map((piece) => [piece.id, piece])).values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

const spelling = ({ ecosystem, name, version, source, sourceVersion, architecture }: Software): string => [ecosystem, name, version, source, sourceVersion, architecture].join('\0')

/** One text for the same software in the same company. */
function companyOf(pieces: readonly Piece[], context: readonly Piece[]): string {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece.id).update(' ')
  hash.update('|')
  for (const piece of distinct(context)) hash.update(piece.id).update(' ')
  return hash.digest('base64')
}

type Found = ReadonlyMap<string, readonly RangeHit[]>

/** What was learnt last, of this release: two halves, so that what is asked for again stays when room is made. */
function remember(): { get(key: string): Found | undefined; keep(key: string, found: Found): void } {
  let young = new Map<string, Found>()
  let old = new Map<string, Found>()
  let size = 0
  const keep = (key: string, found: Found): void => {
    young.set(key, found)
    size += 1 + [...found.values()].reduce((sum, hits) => sum + hits.length, 0)
    if (size < mostRemembered / 2) return
    old = young
    young = new Map()
    size = 0
  }
  return {
    get(key) {
      const known = young.get(key)
      if (known !== undefined) return known
      const before = old.get(key)
      if (before !== undefined) keep(key, before)
      return before
    },
    keep,
  }
}

function rangeHitOf(hit: Hit): RangeHit {
  const { affected, source, key } = hit.by
  return {
    check: hit.check, vulnerability: hit.vulnerability, type: hit.type, fixedIn: hit.fixedIn === null ? null : fit(hit.fixedIn, 120), source, key: fit(key, 120), range: rangeText(affected),
    unfixed: affected.status === 'unfixed',
  }
}

export function rangeText({ intervals, versions }: Pick<Affected, 'intervals' | 'versions'>): string {
  const parts = intervals.slice(0, 6).map(intervalText)
  if (intervals.length > 6) parts.push(`${intervals.length - 6} more ranges`)
  if (versions.length > 0) parts.push(versions.length <= 6 ? versions.join(', ') : `${versions.slice(0, 6).join(', ')} and ${versions.length - 6} more versions`)
  return fit(parts.length === 0 ? 'all versions' : parts.join('; or '), 400)
}

function intervalText({ from, fromExclusive, before, upTo }: Interval): string {
  const start = from === undefined || from === '' || from === '0' ? '' : fromExclusive === true ? `after ${from}` : `from ${from}`
  const end = before !== undefined ? `before ${before}` : upTo !== undefined ? `up to ${upTo}` : ''
  const text = [start, end].filter((part) => part !== '').join(' ')
  return text === '' ? 'all versions' : text
}
