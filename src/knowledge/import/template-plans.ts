import { gunzipSync } from 'node:zlib'
import type { KeptFile, Template } from '#core/knowledge/record.ts'
import { compileTemplate } from '#core/template/compile.ts'
import type { Plan, Refusal } from '#core/template/plan.ts'
import { templateTree } from '#formats/feed/nuclei/template.ts'

/** A list of payloads above this is none. */
const largestFile = 32 * 1024 * 1024
const mostFiles = 5000

/** Compiles templates as they come; the lists of payloads that they name come before them. */
export function templatePlans() {
  const files = new Map<string, Uint8Array>()
  return {
    keep({ key, bytes }: KeptFile): void {
      if (key.endsWith('.gz') && files.size < mostFiles) files.set(key.slice(0, -3), bytes)
    },
    /** Null for what is no check over the network. Never throws: what YAML does not take a second time is refused. */
    compile(template: Template): Plan | Refusal | null {
      if (template.unsupported !== undefined) return null
      const folder = template.path.slice(0, template.path.lastIndexOf('/') + 1)
      const textOf = (name: string): string | null => {
        const packed = files.get(name) ?? files.get(folder + name)
        return packed === undefined ? null : gunzipSync(packed, { maxOutputLength: largestFile }).toString('utf8')
      }
      try {
        return compileTemplate(templateTree(template.text), textOf, template.unsafe)
      } catch (error) {
        return { reason: 'yaml', text: error instanceof Error ? error.message.slice(0, 200) : 'it cannot be read' }
      }
    },
  }
}
