import type { Lifecycle } from '#core/knowledge/record.ts'
import { ruleWords } from '#core/match/words.ts'
import type { Plan } from '#core/template/plan.ts'
import { planWords } from '#core/template/words.ts'
import type { CheckBody } from '#knowledge/knowledge-base.ts'

/** How a check detects: `words` for reading, empty where there are none; `text` as it is written. */
export type CheckRule = Readonly<{ words: string; text: string }>
const most = 60_000

/** `plan`: of a template that is run. */
export function ruleOf(body: CheckBody, plan: Plan | null = null): CheckRule {
  if (!('record' in body)) {
    const { on, when, ask, versioned, result } = body
    const asked = ask === undefined ? '' : `\nafter asking for ${JSON.stringify(ask)}`
    return {
      words: `Looks at each ${on} that was seen${asked}. It fires when\n\n${ruleWords(when)}\n\nand tells: ${result}`,
      text: JSON.stringify({ on, ...(ask === undefined ? {} : { ask }), when, ...(versioned === undefined ? {} : { versioned }), result }, null, 2).slice(0, most),
    }
  }
  if (body.record === 'template') {
    const parts = [
      plan !== null || body.protocols.length === 0 ? '' : `A template over ${body.protocols.join(', ')}.`,
      body.unsafe ? 'It is left out of default scans: it may disturb what it looks at.' : '',
      body.tags.length === 0 ? '' : `Tags: ${body.tags.join(', ')}.`,
      body.authors.length === 0 ? '' : `Written by ${body.authors.join(', ')}.`,
    ]
    return { words: [...(plan === null ? [] : [planWords(plan), '']), ...parts.filter((part) => part !== '')].join('\n'), text: body.text.slice(0, most) }
  }
  if (body.record === 'library') {
    const { uri, filename, content, contentReplace, hashes } = body
    return {
      words: 'Recognises the library and its version by the address, the name, the content or the hash of its file; then its version is compared with the affected ranges.',
      text: JSON.stringify({ uri, filename, content, contentReplace, hashes }, null, 2).slice(0, most),
    }
  }
  return { words: 'Compares the version that is seen with the life cycle of the product.', text: cyclesOf(body).slice(0, most) }
}

function cyclesOf({ cycles }: Lifecycle): string {
  return cycles.map((one) => `${one.cycle}  released ${one.released ?? '?'}  end of life ${String(one.endOfLife ?? 'not known')}${one.latest === undefined ? '' : `  latest ${one.latest}`}`).join('\n')
}
