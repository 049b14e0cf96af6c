import { createHash } from 'node:crypto'
import { zstdDecompressSync } from 'node:zlib'
import type { PackedTemplate } from '#core/template/pack.ts'
import type { Plan } from '#core/template/plan.ts'
import type { TemplateLibrary } from './library.ts'

/** What an unpacked release may weigh: a file that grows beyond it is no release. */
const unpackedMost = 268_435_456
/** Plans kept parsed: what every web server is looked at with, and some more. */
const parsedMost = 2200

/**
 * Opens packed templates: one buffer of lines, of which a plan is read when it is asked for. Throws when the bytes are not what a release holds.
 */
export function openLibrary(bytes: Uint8Array): TemplateLibrary {
  const text = zstdDecompressSync(bytes, { maxOutputLength: unpackedMost })
  const starts: number[] = []
  const checks: number[] = []
  for (let at = 0; at < text.length;) {
    const end = text.indexOf(10, at)
    const line = end < 0 ? text.length : end
    // `{"check":123,` comes first in each line: the rest is read when it is needed.
    const head = /^\{"check":(\d{1,12}),/.exec(text.toString('latin1', at, Math.min(line, at + 24)))
    if (head === null) throw new Error(`the packed templates are broken at line ${starts.length + 1}`)
    starts.push(at)
    checks.push(Number(head[1]))
    at = line + 1
  }
  starts.push(text.length + 1)
  const parsed = new Map<number, Plan>()
  return {
    digest: createHash('sha256').update(bytes).digest('hex'),
    checks,
    plan(place) {
      const known = parsed.get(place)
      if (known !== undefined) {
        parsed.delete(place)
        parsed.set(place, known)
        return known
      }
      const { plan } = JSON.parse(text.toString('utf8', starts[place]!, starts[place + 1]! - 1)) as PackedTemplate
      if (parsed.size >= parsedMost) parsed.delete(parsed.keys().next().value!)
      parsed.set(place, plan)
      return plan
    },
  }
}
