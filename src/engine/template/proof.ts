import type { Evidence } from '#core/observation.ts'
import { mostExchanges, type Exchange, type Proof } from '#core/proof.ts'
import type { Plan } from '#core/template/plan.ts'
import { evidenceOf } from '../net/transcript.ts'
import type { HttpExchange } from '../http/wire.ts'
import type { Verdict } from './control.ts'
import type { Found } from './run/state.ts'

/** Characters of base64 that one proof may hold; steps in the middle go first. */
const charactersMost = 2_000_000
const extractedMost = 20
const extractedLongest = 500

/** Everything somebody needs to decide a match again with no network. `digest`: of the release the template came from. */
export function proofOf(plan: Plan, digest: string, found: Found, verdict: Verdict, variables: Readonly<Record<string, string>>): Proof {
  const answers = [...found.steps.map(({ answer, note }) => answer.exchange(note)), ...(found.talks ?? []).map(({ exchange }) => exchange)].sort((a, b) => a.at - b.at)
  return {
    check: `template:${plan.id}@${digest}`,
    exchanges: fewer(answers),
    control: fewer([...verdict.control.map((answer: HttpExchange) => answer.exchange('negative control')), ...(verdict.talks ?? [])]),
    ...(verdict.note === undefined ? {} : { controlNote: verdict.note }),
    matched: found.why,
    variables,
    ...(found.calls.length === 0 ? {} : { callbacks: found.calls }),
  }
}

function fewer(exchanges: readonly Exchange[]): readonly Exchange[] {
  const kept = exchanges.length <= mostExchanges ? [...exchanges] : [...exchanges.slice(0, mostExchanges / 2), ...exchanges.slice(-mostExchanges / 2)]
  const size = (): number => kept.reduce((sum, one) => sum + one.sent.length + one.received.length, 0)
  while (kept.length > 2 && size() > charactersMost) kept.splice(Math.floor((kept.length - 1) / 2), 1)
  return kept
}

export function evidenceFor(found: Found): Evidence | undefined {
  const [step, talk] = [found.steps.at(-1), found.talks?.at(-1)]
  const exchange = talk?.exchange ?? step?.answer.exchange()
  if (exchange === undefined) return undefined
  const { sent, received } = exchange
  return evidenceOf(Buffer.from(sent, 'base64'), Buffer.from(received, 'base64'), `${talk?.url ?? step?.url} ${found.why.join('; ')}`.slice(0, 500))
}

/** What a match read, and where, as the observation holds it: text, one line each, bounded. */
export function extractedOf(found: Found): readonly string[] {
  const url = found.talks?.at(-1)?.url ?? found.steps.at(-1)?.url
  return [...new Set([...found.extracted, ...(url === undefined ? [] : [url])])].slice(0, extractedMost).map((text) => Buffer.from(text, 'latin1').toString('utf8').replace(/\s+/g, ' ').slice(0, extractedLongest))
}
