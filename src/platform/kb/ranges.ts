import type { Affected, Interval, Software } from '#core/knowledge/affected.ts'
import type { Hit } from '#core/knowledge/hit.ts'
import type { KnowledgeBase, ReleaseFacts } from '#knowledge/knowledge-base.ts'
import type { Store } from '#store/store.ts'
import { fit } from '../asset/text.ts'
import { openRangeChecks, type RangeCheck } from './range-check.ts'

/** A vulnerability that a piece of software has by its version, in the words that a finding shows. */
export type RangeHit = Readonly<{
  check: number; vulnerability: string; type: 'confirmed' | 'potential'; fixedIn: string | null; source: string; key: string
  /** `before 3.0.13-1~deb12u1`, `all versions`. */
  range: string
  unfixed: boolean
}>
export type Piece = Readonly<{ id: string; software: Software }>

export type Ranges = Readonly<{
  facts: ReleaseFacts
  /**
   * What each piece of each host's software has, by the piece's id. A package stands for itself, whatever host it is on; products of services are compared together,
   * since a condition may need two of them.
   */
  match(hosts: readonly (readonly Piece[])[]): Promise<readonly ReadonlyMap<string, readonly RangeHit[]>[]>
  /** Makes the checks be there for findings to name. */
  ensure(hits: Iterable<RangeHit>): Promise<void>
  checkOf(check: number): RangeCheck | undefined
}>

/** Hits remembered at most; about 100 MB of them would be a million. */
const mostRemembered = 150_000
const piecesAtOnce = 2000

export function openRanges(store: Store, base: KnowledgeBase): Ranges {
  const checks = openRangeChecks(store, base)
  const memory = remember()

  /** Fills the memory for groups of pieces that are compared together. */
  async function learn(groups: ReadonlyMap<string, readonly Piece[]>, found: Map<string, ReadonlyMap<string, readonly RangeHit[]>>): Promise<void> {
    const list = [...groups]
    for (let from = 0; from < list.length; from += piecesAtOnce) {
      const part = list.slice(from, from + piecesAtOnce)
      const answers = await base.match(part.map(([, pieces]) => pieces.map((piece) => piece.software)))
      for (const [place, [key, pieces]] of part.entries()) {
        const byPiece = new Map<string, RangeHit[]>()
        for (const hit of answers[place] ?? []) {
          const piece = pieces.length === 1 ? pieces[0]! : pieces.find((one) => one.software.name === hit.software.name && one.software.version === hit.software.version && one.software.ecosystem === hit.software.ecosystem)
          if (piece === undefined) continue
          const own = byPiece.get(piece.id) ?? []
          byPiece.set(piece.id, own)
          own.push(rangeHitOf(hit))
        }
        found.set(key, byPiece)
        memory.keep(key, byPiece)
      }
    }
  }

  return {
    facts: base.facts,
    checkOf: checks.of,
    async match(hosts) {
      const found = new Map<string, ReadonlyMap<string, readonly RangeHit[]>>()
      const groups = new Map<string, readonly Piece[]>()
      const keysOfHosts = hosts.map((host) => {
        const products = distinct(host.filter((piece) => piece.software.ecosystem === 'cpe'))
        const alone = distinct(host.filter((piece) => piece.software.ecosystem !== 'cpe'))
        return [...alone.map((piece) => [piece.id, [piece]] as const), ...(products.length === 0 ? [] : [[products.map((piece) => piece.id).join(), products] as const])].map(([key, pieces]) => {
          const known = found.get(key) ?? memory.get(key)
          if (known !== undefined) found.set(key, known)
          else groups.set(key, pieces)
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
