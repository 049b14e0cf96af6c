import { compileJudge } from '#core/judge.ts'
import type { Observation } from '#core/observation.ts'
import { instanceOf } from '#core/place.ts'
import { standard } from '#core/profile.ts'
import type { ProofBundle } from '#core/proof.ts'
import { probes } from '../probes.ts'
import type { Probe, Tools } from '../probe.ts'
import { retell } from '../tls/retell.ts'
import { tls } from '../tls/tls.ts'
import type { TemplateLibrary } from '../template/library.ts'
import { mayRecord } from './prove.ts'
import { replayNet } from './replay-net.ts'

/** `holds`: the same check, over the same bytes, comes to the same; `fails`: it does not; `cannot`: they do not suffice, and why. `seen`: what the look saw, in words. */
export type Verdict = Readonly<{ verdict: 'holds' | 'fails' | 'cannot'; text: string; result?: string }>

/** Milliseconds after which a look over recorded bytes is given up: nothing of it waits for anything. */
const longest = 30_000

/**
 * Decides a finding again from its proof alone: the look that saw it is repeated over the recorded conversations, with nothing behind them, and the check is judged over
 * what it sees. Sends nothing.
 */
export async function redecide(bundle: ProofBundle): Promise<Verdict> {
  const { proof, check, finding } = bundle
  const { trigger } = proof
  if (check.signature === undefined && check.plan === undefined) return { verdict: 'cannot', text: 'It was decided by comparing a version with the KnowledgeBase: `vigil kb show` tells what that says of it.' }
  if (trigger === undefined || proof.exchanges.length === 0) return { verdict: 'cannot', text: 'The proof holds no recorded conversation.' }
  if ((proof.callbacks?.length ?? 0) > 0) return { verdict: 'cannot', text: 'It was decided by a call that came back to the scanner. The call stands in the proof, with the token that only this request held; it cannot come again without a network.' }
  const id = (proof.check.startsWith('template:') ? (check.plan?.blocks.some(({ protocol }) => protocol === 'http') === false ? 'template-port' : 'template') : proof.check).replace(/@.*$/, '')
  const probe = probes.find((one) => one.id === id)
  if (probe === undefined || !mayRecord(probe)) return { verdict: 'cannot', text: `This program has no look "${id}" that can be repeated.` }
  const isTls = id === tls.id
  const seen: Observation[] = isTls ? [retold(bundle, trigger as Observation)] : []
  const stop = AbortSignal.timeout(longest)
  const trouble = isTls ? null : await look(probe, trigger as Observation, bundle, seen, stop)
  let found: string | null
  try {
    found = check.signature !== undefined ? bySignature(bundle, seen) : byTemplate(bundle, seen)
  } catch (error) {
    return { verdict: 'cannot', text: `The check that comes with the proof cannot be read: ${error instanceof Error ? error.message.slice(0, 200) : 'it is none'}.` }
  }
  if (found !== null) return { verdict: 'holds', text: `The check holds over the ${proof.exchanges.length === 1 ? 'recorded conversation' : `${proof.exchanges.length} recorded conversations`} with ${finding.at.address}.`, result: found }
  if (isTls) return { verdict: 'cannot', text: 'The conversations that are kept of the look at TLS do not show it by themselves: it rests on what was enciphered, on silence, or on what was not taken in all of some hundred.' }
  if (trouble !== null && seen.length === 0) return { verdict: 'cannot', text: `The look could not be repeated over what was recorded: ${trouble}.` }
  return { verdict: 'fails', text: `The look was repeated over what was recorded and saw ${seen.length} things, but the check does not hold on any of them${check.signature !== undefined && check.signature.version !== check.decidedBy ? `; it was version ${check.decidedBy} that decided, and this is version ${check.signature.version}` : ''}.` }
}

/** A whole look at TLS makes a hundred conversations: what those that are kept say by themselves is judged, and nothing is concluded from what they lack. */
function retold({ finding, proof }: ProofBundle, { at }: Observation): Observation<'tls'> {
  const host = finding.at.host
  return { kind: 'tls', at: { ...at, ...(host === undefined ? {} : { host }) }, data: retell(proof, host), seen: 0, by: `${tls.id}@${tls.version}` }
}

async function look(probe: Probe, trigger: Observation, { check, proof }: ProofBundle, seen: Observation[], signal: AbortSignal): Promise<string | null> {
  const tools: Tools = {
    net: replayNet([...proof.exchanges, ...proof.control]), host: {}, profile: { ...standard, templates: 'all', intrusive: true, limits: { ...standard.limits, answer: 1000 } },
    asks: check.signature?.ask === undefined ? [] : [{ ask: check.signature.ask, signatures: [check.number] }], names: trigger.at.host === undefined ? [] : [trigger.at.host], open: new Set([check.number]),
    credentials: [], templates: check.plan === undefined ? undefined : libraryOf(check.number, check.plan), callbacks: null, variables: proof.variables, now: () => proof.exchanges[0]?.at ?? 0,
  }
  try {
    for await (const sight of probe.run({ ...trigger, seen: 0, by: 'proof@1' } as never, tools, signal)) {
      if (sight.kind !== 'asked' && sight.kind !== 'tested' && sight.kind !== 'untested') seen.push({ ...sight, seen: 0, by: `${probe.id}@${probe.version}` } as Observation)
    }
    return null
  } catch (error) {
    return error instanceof Error ? error.message : 'it broke off'
  }
}

function bySignature({ check, finding }: ProofBundle, seen: readonly Observation[]): string | null {
  const judge = compileJudge([check.signature!])
  const found = seen.flatMap((one) => judge(one)).find((one) => one.signature === check.number && one.at.port === finding.at.port && instanceOf(one.at) === instanceOf(finding.at))
  return found?.result ?? null
}

function byTemplate({ check, finding }: ProofBundle, seen: readonly Observation[]): string | null {
  const found = seen.find((one): one is Observation<'match'> => one.kind === 'match' && one.data.template === check.plan!.id && one.at.port === finding.at.port)
  return found === undefined ? null : [found.data.template, found.data.matcher, ...found.data.extracted].filter((part) => part !== undefined).join('; ')
}

function libraryOf(check: number, plan: NonNullable<ProofBundle['check']['plan']>): TemplateLibrary {
  return { digest: 'proof', checks: [check], plan: () => plan }
}
