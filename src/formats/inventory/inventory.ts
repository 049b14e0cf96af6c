import type { Software } from '#core/knowledge/affected.ts'

/** What an inventory says: software, and what in it could not be used, by reason. */
export type InventoryRead = Readonly<{
  format: InventoryFormat
  software: readonly Software[]
  unused: ReadonlyMap<string, Readonly<{ count: number; examples: readonly string[] }>>
}>
export type InventoryFormat = 'packages' | 'dpkg' | 'rpm' | 'cyclonedx' | 'spdx'

export const mostSoftware = 20_000
const mostExamples = 20

/** Collects what a reader finds. Beyond `mostSoftware` no more is taken, and said so. */
export function collect(format: InventoryFormat): Readonly<{ add(software: Software): void; skip(reason: string, example: string): void; done(): InventoryRead }> {
  const software: Software[] = []
  const unused = new Map<string, { count: number; examples: string[] }>()
  const skip = (reason: string, example: string): void => {
    const known = unused.get(reason) ?? { count: 0, examples: [] }
    unused.set(reason, known)
    known.count++
    if (known.examples.length < mostExamples) known.examples.push(shown(example))
  }
  return {
    add(one) {
      const problem = problemOf(one)
      if (problem !== null) skip(problem, `${one.name} ${one.version}`)
      else if (software.length >= mostSoftware) skip('too-many', `${one.name} ${one.version}`)
      else software.push(one)
    },
    skip,
    done: () => ({ format, software, unused }),
  }
}

function problemOf({ ecosystem, name, version }: Software): string | null {
  // oxlint-disable-next-line no-control-regex
  const control = /[\u0000-\u001f\u007f]/
  if (ecosystem === '' || ecosystem.length > 100 || control.test(ecosystem)) return 'no-ecosystem'
  if (name === '' || name.length > 300 || control.test(name)) return 'bad-name'
  return version === '' || version.length > 200 || /\s/.test(version) || control.test(version) ? 'bad-version' : null
}

function shown(text: string): string {
  // oxlint-disable-next-line no-control-regex
  const line = text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim().toWellFormed()
  return line.length > 200 ? `${line.slice(0, 199).toWellFormed()}…` : line
}
