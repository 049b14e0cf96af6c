import type { Template } from '#core/knowledge/record.ts'

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
