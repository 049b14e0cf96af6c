import type { Software } from '#core/knowledge/affected.ts'
import { anyEdition, noEdition, streamOf, type Needs, type Statement } from './statement.ts'

/** A statement that says so, the version that it speaks of, and what else must be on the host for it; null: nothing. */
export type Way = Readonly<{ statement: Statement; version: string; needs: Needs | null }>

/**
 * What one source says of one piece of software: `affected`, in one or several ways; `clear` when it speaks of the product and
 * not of this version, or takes it out; `unreadable` when the version or the bound that would decide is none; null when it says
 * nothing.
 */
export type Verdict = Readonly<{ says: 'affected'; ways: readonly Way[] }> | Readonly<{ says: 'clear' | 'unreadable' }> | null

/** A statement with the version it is asked about: that of the source package, or of the binary. */
export type Asked = Readonly<{ statement: Statement; text: string; version: unknown }>

type Heard = Asked & Readonly<{ inside: boolean | null }>

const clear = { says: 'clear' } as const
const unreadable = { says: 'unreadable' } as const

export function verdictOf(software: Software, asked: readonly Asked[]): Verdict {
  const heard = asked.filter((one) => applies(one, software)).map((one): Heard => ({ ...one, inside: insideOf(one) }))
  const isOut = ({ statement, inside }: Heard): boolean => statement.isClearing && inside === true
  // A version taken out by name outweighs the range it is taken out of; a product taken out as a whole does not outweigh the
  // ranges of the same source.
  if (heard.some((one) => isOut(one) && !one.statement.isWhole)) return clear
  const affecting = heard.filter(({ statement }) => statement.isAffecting)
  const holding = affecting.filter(({ inside }) => inside === true)
  if (holding.length > 0 && isSureOfEdition(affecting, holding)) return { says: 'affected', ways: withFewestNeeds(holding) }
  if (affecting.some(({ inside }) => inside === null)) return unreadable
  return affecting.length > 0 || heard.some(isOut) ? clear : null
}

function withFewestNeeds(holding: readonly Heard[]): readonly Way[] {
  const free = holding.find(({ statement }) => statement.needs === null)
  return (free === undefined ? holding : [free]).map(({ statement, text }) => ({ statement, version: text, needs: statement.needs }))
}

/**
 * Which edition is installed is never known. So a range of one edition counts only where every edition that the source tells
 * apart is affected too.
 */
function isSureOfEdition(affecting: readonly Heard[], holding: readonly Heard[]): boolean {
  const held = new Set(holding.map(({ statement }) => statement.edition))
  if (held.has(anyEdition)) return true
  const editions = new Set(affecting.map(({ statement }) => statement.edition).filter((edition) => edition !== anyEdition))
  return editions.size === 1 ? held.has(noEdition) : [...editions].every((edition) => held.has(edition))
}

const everyArchitecture = new Set(['all', 'noarch', ''])

/** Whether the statement is about this build of the product at all. */
function applies({ statement: { row: { affected }, stream }, text }: Asked, software: Software): boolean {
  const { product, architectures } = affected
  if (product.part !== undefined && software.part !== undefined && product.part !== software.part) return false
  // A fix of one stream says nothing of another, nor of what is in no module.
  return isForArchitecture(architectures, software) && (stream === undefined || stream === streamOf(text))
}

/** What is of every architecture, or of none that is known, is meant too. */
export function isForArchitecture(architectures: readonly string[] | undefined, { architecture = '' }: Software): boolean {
  return architectures === undefined || architectures.length === 0 || everyArchitecture.has(architecture) || architectures.includes(architecture)
}

function insideOf({ statement, text, version }: Asked): boolean | null {
  const { test, testWithoutEpoch, row: { affected } } = statement
  const inside = testWithoutEpoch !== null && !/^\d+:/.test(text) ? testWithoutEpoch(text, version) : test(text, version)
  if (inside === true || affected.product.ecosystem !== 'cpe' || affected.cpe?.update !== undefined) return inside
  // A listed version with no word of the update is any update of it: 9.2 is 9.2p1 too.
  const bare = text.replace(/[-_]?(?:p|sp|patch|update|u)[-_]?\d{1,6}$/i, '')
  return bare !== text && affected.versions.includes(bare) ? true : inside
}
