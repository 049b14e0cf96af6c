import type { Software } from '#core/knowledge/affected.ts'
import type { Hit } from '#core/knowledge/hit.ts'
import { isDistribution } from '#core/version/ecosystem.ts'
import { decide, type Answer } from './decide.ts'
import { holdingOn, hostOf, packagedOf, type Host, type Packaged } from './host.ts'
import { interning, type Interning } from './intern.ts'
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

/** Pieces of software and their hits that are kept, above which all is forgotten: about 150 MB. */
const mostKept = 1_000_000
const mostExamples = 20

export function createMatcher(source: RangeSource, most = mostKept): Matcher {
  let interned: Interning = interning()
  let answers: (Answer | undefined)[] = []
  let packaged: (Packaged | undefined)[] = []
  let weight = 0
  const unread = new Map<string, { software: number; examples: string[] }>()

  const idOf = (software: Software): number => interned.idOf(software)
  const answerOf = (id: number): Answer => {
    const known = answers[id]
    if (known !== undefined) return known
    const software = interned.at(id)
    const answer = decide(software, source)
    weight += 1 + answer.hits.length + answer.conditional.length
    if (answer.unreadable > 0) {
      const count = unread.get(software.ecosystem) ?? { software: 0, examples: [] }
      unread.set(software.ecosystem, count)
      count.software++
      if (count.examples.length < mostExamples) count.examples.push(`${software.name} ${software.version}`)
    }
    return (answers[id] = answer)
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
    let host: Host | null = null
    // Most hits hold wherever the software is: as many places as they need, and no growing on the way.
    let most = 0
    for (let index = 0; index < ids.length; index++) most += answerOf(ids[index]!).hits.length
    const hits: Hit[] = []
    hits.length = most
    let count = 0
    for (let index = 0; index < ids.length; index++) {
      const id = ids[index]!
      const answer = answers[id]!
      if (answer.hits.length === 0 && answer.conditional.length === 0) continue
      if (!isDistribution(interned.at(id).ecosystem)) {
        host ??= hostOf(Array.from(ids, interned.at), (_, index) => packagedAt(ids[index]!))
        if (host.isPackaged(interned.at(id))) continue
        if (answer.conditional.length > 0) for (const hit of holdingOn(host, answer.conditional)) hits[count++] = hit
      }
      for (const hit of answer.hits) hits[count++] = hit
    }
    hits.length = count
    return hits
  }
  return {
    match: (hosts) => hosts.map((software) => {
      if (weight > most) {
        interned = interning()
        answers = []
        packaged = []
        had = []
        weight = 0
      }
      return onHost(distinct(software))
    }),
    matchInterned: onHost,
    intern: idOf,
    answerOf,
    forget: (ids) => {
      for (const id of ids) answers[id] = undefined
    },
    unreadable: () => [...unread].map(([ecosystem, { software, examples }]) => ({ ecosystem, software, examples })),
  }
}
