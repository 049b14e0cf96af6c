import { fail } from '#core/errors.ts'
import type { Fingerprint, Unused } from '#core/knowledge/record.ts'
import { longestText, wordOf } from '../value/json-value.ts'
import type { XmlEvents } from '../value/xml.ts'

const longestPattern = 4000
const mostFingerprints = 20_000
const mostExamples = 200
const mostParams = 60

type Draft = {
  pattern: string; flags: readonly string[]; description: string
  params: { pos: number; name: string; value?: string }[]
  examples: { text: string; base64: boolean; expect: Record<string, string> }[]
}

/** Reads one file `<fingerprints matches="ssh.banner">`; another root gives no records. */
export function fingerprintReader(path: string): Readonly<{ events: XmlEvents; records(): readonly (Fingerprint | Unused)[] }> {
  const file = path.slice(path.lastIndexOf('/') + 1)
  const records: (Fingerprint | Unused)[] = []
  let about: Readonly<{ matches: string; protocol?: string; type?: string; preference: number }> | null = null
  let draft: Draft | null = null
  let text: string[] | null = null
  let order = 0

  const finish = (ready: Draft): void => {
    const key = `${file}#${order}`
    if (ready.pattern === '' || ready.pattern.length > longestPattern) records.push({ record: 'unused', key, reason: 'bad-pattern', text: ready.description.slice(0, 200) })
    else records.push({ record: 'fingerprint', file, order, ...about!, ...ready })
    order += 1
    if (order > mostFingerprints) fail('feed.too_many', { path, most: mostFingerprints })
  }

  const events: XmlEvents = {
    open(name, attributes) {
      if (name === 'fingerprints') {
        const preference = Number(attributes.preference ?? 0.1)
        about = {
          matches: wordOf(attributes.matches) ?? file.replace(/\.xml$/, ''), preference: preference >= 0 && preference <= 1 ? preference : 0.1,
          ...(attributes.protocol === undefined ? {} : { protocol: attributes.protocol.slice(0, 60) }),
          ...(attributes.database_type === undefined ? {} : { type: attributes.database_type.slice(0, 60) }),
        }
      } else if (about === null) return
      else if (name === 'fingerprint') draft = { pattern: attributes.pattern ?? '', flags: (attributes.flags ?? '').split(/[,|\s]+/).filter((flag) => flag !== ''), description: '', params: [], examples: [] }
      else if (draft === null) return
      else if (name === 'description') text = []
      else if (name === 'example') {
        text = []
        if (draft.examples.length < mostExamples) draft.examples.push({ text: '', base64: attributes['_encoding'] === 'base64', expect: expectOf(attributes) })
      } else if (name === 'param' && draft.params.length < mostParams) {
        const pos = Number(attributes.pos ?? 0)
        const param = wordOf(attributes.name)
        if (param !== undefined && Number.isInteger(pos) && pos >= 0 && pos <= 99) draft.params.push({ pos, name: param, ...(attributes.value === undefined ? {} : { value: attributes.value.slice(0, 1000) }) })
      }
    },
    close(name) {
      if (draft === null) return
      if (name === 'description') draft.description = (text ?? []).join('').trim().slice(0, 500)
      if (name === 'example' && draft.examples.length > 0) draft.examples.at(-1)!.text = (text ?? []).join('').slice(0, longestText)
      if (name === 'description' || name === 'example') text = null
      if (name === 'fingerprint') {
        finish(draft)
        draft = null
      }
    },
    text(piece) {
      if (text !== null && text.length < 1000) text.push(piece)
    },
  }
  return { events, records: () => records }
}

/** What the example says must come out. Names with an underscore are about the example itself. */
function expectOf(attributes: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.startsWith('_')))
}
