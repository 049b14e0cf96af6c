import { nameKey } from '#core/knowledge/software-name.ts'
import type { Judge } from '#core/judge.ts'
import type { Observation } from '#core/observation.ts'
import type { Detection, Signature } from '#core/signature.ts'
import type { Current } from '#knowledge/folder.ts'
import { rangeDelta } from '#knowledge/delta.ts'
import { releasesOf } from '#knowledge/folder.ts'
import type { InForce, Line } from '../kb/holder.ts'
import { ruleChange, type Rules } from '../kb/rules.ts'
import { threadedJudge } from '../kb/threaded-judge.ts'

/** What was applied to an organisation to the end before; null: nothing, so that everything is judged. */
export type Applied = Readonly<{ release: number; root: string; rules: Rules }> | null

/** What is in force and was not before: what has to be judged over what is stored. */
export type Change = Readonly<{
  /** Added, or judging otherwise. */
  signatures: ReadonlyMap<number, Signature>
  withdrawn: ReadonlySet<number>
  judge(seen: readonly Observation[]): readonly Detection[] | Promise<readonly Detection[]>
  kinds: readonly string[]
  /** Ranges that differ: of these checks, of software with these keys (`nameKey`). `all`: all of them; `none`: not one. Life cycles are among them. `libraries`: of client-side ones, too, or how they are recognised. */
  ranges: Readonly<{ checks: ReadonlySet<number>; keys: ReadonlySet<string>; libraries: boolean }> | 'all' | 'none'
  /** Checks of ours changed that decide over products in place of ranges. */
  products: boolean
}>

export type ChangeReader = (before: Applied, inForce: InForce, line: Line) => Promise<Change>

/**
 * Works out what changed since, once for all organisations that stand at the same. `folder`: of the releases; a release that is not kept any more cannot be compared,
 * and then everything is judged.
 */
export function openChanges(folder: string | null): ChangeReader {
  const deltas = new Map<string, Promise<Change['ranges']>>()
  const judges = new Map<string, Omit<Change, 'ranges'>>()

  const ranges = (before: Applied, current: Current | null): Promise<Change['ranges']> => {
    if (current === null) return Promise.resolve('none')
    if (before === null || before.root === '' || folder === null) return Promise.resolve('all')
    if (before.root === current.root) return Promise.resolve('none')
    const key = `${before.release} ${before.root} ${current.file} ${current.root}`
    const known = deltas.get(key) ?? compare(folder, before.release, current)
    if (deltas.size > 8) deltas.clear()
    deltas.set(key, known)
    return known
  }

  const signatures = (before: Applied, inForce: InForce, line: Line): Omit<Change, 'ranges'> => {
    const { changed, withdrawn } = ruleChange(before?.rules ?? {}, inForce.rules[line])
    const key = JSON.stringify([inForce[line].release, changed, withdrawn, inForce.isWhole])
    const known = judges.get(key)
    if (known !== undefined) return known
    const of = new Map(changed.flatMap((id) => {
      const signature = inForce[line].signatures.get(id)
      return signature === undefined ? [] : [[id, signature] as const]
    }))
    const made = {
      signatures: of,
      // A file that could not be read withdraws nothing.
      withdrawn: new Set(inForce.isWhole ? withdrawn : []),
      judge: threadedJudge([...of.values()]) satisfies (seen: readonly Observation[]) => ReturnType<Judge> | Promise<ReturnType<Judge>>,
      kinds: [...new Set([...of.values()].map((one) => one.on as string))],
      products: inForce.current !== null && (withdrawn.length > 0 || [...of.values()].some((one) => one.cve.length > 0)),
    }
    if (judges.size > 8) judges.clear()
    judges.set(key, made)
    return made
  }

  return async (before, inForce, line) => ({ ...signatures(before, inForce, line), ranges: await ranges(before, inForce.current) })
}

async function compare(folder: string, release: number, current: Current): Promise<Change['ranges']> {
  const file = releasesOf(folder).find((one) => one.number === release)?.file
  const delta = file === undefined ? null : await rangeDelta(folder, { file }, current)
  if (delta === null) return 'all'
  // A product of a CPE is `vendor:product`; software is known by the same.
  return { checks: new Set(delta.checks), keys: new Set(delta.names.map(nameKey)), libraries: delta.libraries }
}
