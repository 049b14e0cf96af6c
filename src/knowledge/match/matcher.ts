import type { Software } from '#core/knowledge/affected.ts'
import type { Hit } from '#core/knowledge/hit.ts'
import { decide, type Answer } from './decide.ts'
import { holdingOn, hostOf, packagedOf, type Host, type Packaged } from './host.ts'
import { interning } from './intern.ts'
import { keptAnswers } from './kept-answers.ts'
import { kindOf, type Kind } from './kind.ts'
import type { RangeSource } from './range-source.ts'

/** How much could not be judged, by ecosystem: pieces of software, and up to 20 of them as `name version`. */
type Unreadable = Readonly<{ ecosystem: string; software: number; examples: readonly string[] }>

/**
 * Judges software by the ranges of one release. Answers are kept by what they are about, so that the second host with a package
 * costs a look-up.
 */
export type Matcher = Readonly<{
  /** Hits of each host's software, in order: one for a vulnerability and a piece of software. */
  match(hosts: readonly (readonly Software[])[]): readonly (readonly Hit[])[]
  /** The same for software interned here, without looking at names again. */
  matchInterned(software: ArrayLike<number>): readonly Hit[]
  intern(software: Software): number
  answerOf(id: number): Answer
  /** Drops what is kept of these, since ranges changed. */
  forget(ids: Iterable<number>): void
  /** What could not be judged since the matcher was made. */
  unreadable(): readonly Unreadable[]
}>

/** Pieces of software, their hits and what is said of their kinds that are kept, above which all is forgotten: about 150 MB. */
const mostKept = 1_000_000
/** A row of what is said of a kind takes a tenth of what a hit takes. */
const weightOfRow = 0.1
const mostExamples = 20

export function createMatcher(source: RangeSource, most = mostKept): Matcher {
  let interned = interning()
  let answers = keptAnswers()
  let kinds: (Kind | undefined)[] = []
  let packaged: (Packaged | undefined)[] = []
  let weight = 0
  const unread = new Map<string, { software: number; examples: string[] }>()

  const kindAt = (id: number): Kind => {
    const number = interned.kindAt(id)
    const known = kinds[number]
    if (known !== undefined) return known
    const kind = kindOf(interned.at(id), source)
    weight += kind.weight * weightOfRow
    return (kinds[number] = kind)
  }
  const answerOf = (id: number): Answer => {
    const known = answers.at(id)
    if (known !== undefined) return known
    const software = interned.at(id)
    const answer = decide(software, kindAt(id))
    weight += 1 + answer.hits.length + answer.conditional.length
    if (answer.unreadable > 0) {
      const count = unread.get(software.ecosystem) ?? { software: 0, examples: [] }
      unread.set(software.ecosystem, count)
      count.software++
      if (count.examples.length < mostExamples) count.examples.push(`${software.name} ${software.version}`)
    }
    answers.put(id, answer)
    return answer
  }
  // Which host last had a piece of software: cheaper than a set a host.
  let had: number[] = []
  let turn = 0
  const distinct = (software: readonly Software[]): number[] => {
    turn++
    const ids: number[] = []
    for (const one of software) {
      const id = interned.idOf(one)
      if (had[id] === turn) continue
      had[id] = turn
      ids.push(id)
    }
    return ids
  }
  const packagedAt = (id: number): Packaged => {
    const known = packaged[id]
    return known === undefined ? (packaged[id] = packagedOf(interned.at(id))) : known
  }
  const onHost = (ids: ArrayLike<number>): readonly Hit[] => {
    for (let index = 0; index < ids.length; index++) if (!answers.has(ids[index]!)) answerOf(ids[index]!)
    let host: Host | null = null
    return answers.hitsOf(ids, (id) => {
      host ??= hostOf(Array.from(ids, interned.at), (_, index) => packagedAt(ids[index]!))
      if (host.isPackaged(interned.at(id))) return []
      const { hits, conditional } = answers.at(id)!
      return conditional.length === 0 ? hits : [...holdingOn(host, conditional), ...hits]
    })
  }
  return {
    match: (hosts) => hosts.map((software) => {
      if (weight > most) {
        interned = interning()
        answers = keptAnswers()
        kinds = []
        packaged = []
        had = []
        weight = 0
      }
      return onHost(distinct(software))
    }),
    matchInterned: onHost,
    intern: (software) => interned.idOf(software),
    answerOf,
    forget: (ids) => {
      for (const id of ids) {
        answers.drop(id)
        kinds[interned.kindAt(id)] = undefined
      }
    },
    unreadable: () => [...unread].map(([ecosystem, { software, examples }]) => ({ ecosystem, software, examples })),
  }
}
