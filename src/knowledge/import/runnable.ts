import { systemPackages } from '#core/knowledge/lifecycle.ts'
import type { Library, Lifecycle, Template } from '#core/knowledge/record.ts'
import { isDistribution } from '#core/version/ecosystem.ts'

const never: Readonly<Record<string, string>> = {
  code: 'It runs a program, which Vigil never does.',
  file: 'It looks into files of a host: work for an agent.',
  workflow: 'It only lists other templates.',
  workflows: 'It only lists other templates.',
  'self-contained': 'It never touches the scanned host.',
}

/** Why this version of Vigil does not run a template, in the reader's words; null when it does. */
export function runnableTemplate({ unsupported }: Template): string | null {
  if (unsupported !== undefined) return never[unsupported] ?? `Vigil cannot run it: ${unsupported}.`
  return 'Vigil does not run templates yet.'
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
