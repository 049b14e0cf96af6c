import type { Plan } from '#core/template/plan.ts'
import { lowerAscii } from './seen.ts'

/** Adds the texts by which a template's matchers are decided, in lower case (ASCII). */
export function addSought(plan: Plan, texts: Set<string>): void {
  for (const matcher of plan.blocks.flatMap(({ matchers }) => matchers)) {
    if (matcher.type === 'word') for (const word of matcher.words) if (typeof word === 'string') texts.add(lowerAscii(word))
    if (matcher.type === 'regex') for (const { needs } of matcher.patterns) for (const text of needs) texts.add(text)
  }
}
