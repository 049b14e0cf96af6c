import { systemPackages } from '#core/knowledge/lifecycle.ts'
import type { Library, Lifecycle, Template } from '#core/knowledge/record.ts'
import type { Plan, Refusal } from '#core/template/plan.ts'
import { isDistribution } from '#core/version/ecosystem.ts'

const never: Readonly<Record<string, string>> = {
  code: 'It runs a program, which Vigil never does.',
  file: 'It looks into files of a host: work for an agent.',
  workflow: 'It only lists other templates.',
  workflows: 'It only lists other templates.',
  'self-contained': 'It never touches the scanned host.',
}

const refused: Readonly<Record<string, string>> = {
  headless: 'It needs a browser: work for the web scanner.',
  fuzzing: 'It changes requests that a crawler found: work for the web scanner.',
  signature: 'It signs requests with an account of a cloud.',
  race: 'It sends many requests at the same instant.',
  gadget: 'It makes the target run a command.',
  'missing payload': 'A list that it names did not come with it.',
  'too large': 'It sends far more than a check may.',
  'script module': 'Its script logs in with guessed passwords, reads files or needs a protocol that Vigil does not give to scripts.',
  revocation: 'It would ask an authority whether a certificate was revoked; nobody but the target is asked.',
}

/** Why Vigil does not run a template, in the reader's words; null when it does. `plan` is what compiling it gave; what is not for the network has none. */
export function runnableTemplate({ unsupported }: Template, plan: Plan | Refusal | null): string | null {
  if (unsupported !== undefined) return never[unsupported] ?? refused[unsupported] ?? `Vigil cannot run it: ${unsupported}.`
  if (plan === null) return 'Vigil cannot run it.'
  if ('blocks' in plan) return plan.effect === 'dos' ? 'It is meant to deny service, which Vigil never does.' : null
  return refused[plan.reason] ?? `It says what Vigil does not understand (${plan.reason}): ${plan.text}`.slice(0, 400)
}

/** Why nothing can be judged by a life cycle; `products` is what it names as `ecosystem`, `name`. */
export function runnableLifecycle({ key, cycles }: Lifecycle, products: readonly (readonly [ecosystem: string, name: string])[]): string | null {
  if (!cycles.some(({ cycle }) => /^v?\d+(\.\d+)*$/i.test(cycle))) return 'Its versions are named as no service or inventory tells them.'
  const isKnown = systemPackages(key).length > 0 || products.some(([ecosystem]) => !isDistribution(ecosystem))
  return isKnown ? null : 'It names no product by which a service or an inventory could tell it.'
}

/** Why a library cannot be recognised in what a server sends. */
export function runnableLibrary({ uri, filename, content, contentReplace }: Library): string | null {
  return uri.length + filename.length + content.length + contentReplace.length > 0 ? null : 'It is recognised inside a browser only.'
}
