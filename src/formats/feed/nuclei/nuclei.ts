import { gzipSync } from 'node:zlib'
import { load } from 'js-yaml'
import { fail } from '#core/errors.ts'
import type { FeedRecord, Template } from '#core/knowledge/record.ts'
import type { FeedInput } from '../../archive/feed-input.ts'
import type { FeedReader } from '../reader.ts'
import { dayOf } from '../value/feed-run.ts'
import { decoded } from '../value/json-file.ts'
import { fieldsOf, wordsOf } from '../value/json-value.ts'
import { helpersIn, readTemplate, statementsOf } from './template.ts'
import type { Surroundings } from './template.ts'

/** Folders that upstream has at its root. Another first folder that all files share is the archive's own. */
const folders = new Set('http network dns ssl javascript headless file code cloud dast workflows profiles helpers passive websocket whois tcp'.split(' '))

/** Templates of the nuclei language, as upstream's release archive, a checkout, or a folder of one's own. */
export const nuclei: FeedReader = {
  source: {
    name: 'nuclei', title: 'Nuclei templates', licence: 'MIT', attribution: 'ProjectDiscovery and the authors named in each template',
    homepage: 'https://github.com/projectdiscovery/nuclei-templates', upstream: ['https://github.com/projectdiscovery/nuclei-templates/archive/refs/heads/main.tar.gz'],
  },
  recognises: (path) => /(^|\/)nuclei-templates[^/]*\.(tar\.gz|tgz|tar|zip)$|(^|\/)nuclei-templates\/?$/.test(path),
  async *read(input) {
    const { root, ...around } = await surroundingsOf(input)
    const day = dayOf(input.name)
    yield { record: 'head', whole: true, ...(day === undefined ? {} : { snapshot: day }) }
    let templates = 0
    const named = new Set<string>()
    // Templates that name lists of payloads come behind these: whoever compiles them has the lists by then.
    const waiting: Template[] = []
    for await (const entry of input.entries()) {
      const path = entry.name.slice(root.length)
      if (!/\.ya?ml$/.test(path) || /^(profiles|helpers)\//.test(path)) continue
      const found = readTemplate(path, decoded(await entry.bytes()), around)
      if ('reason' in found) {
        // Lists and mappings beside the templates are told by their ending: templates end in .yaml.
        if (path.endsWith('.yml') && found.reason === 'not-a-template') continue
        yield { record: 'unused', key: path, ...found } satisfies FeedRecord
      } else {
        const lists = found.unsupported === undefined ? helpersIn(found.text) : []
        for (const file of lists) named.add(file)
        if (lists.length > 0) waiting.push(found)
        else yield found
        yield* statementsOf(found)
      }
      templates += 1
      yield { record: 'counted', records: 1 }
    }
    if (named.size > 0) yield* helperFiles(input, root, named)
    yield* waiting
    if (templates === 0) fail('feed.format', { path: input.name, what: 'nuclei templates', problem: 'there is no template in it' })
  },
}

/** The last way through: lists of payloads that templates name, gzipped. */
async function* helperFiles(input: FeedInput, root: string, named: ReadonlySet<string>): AsyncGenerator<FeedRecord> {
  for await (const entry of input.entries()) {
    const key = entry.name.slice(root.length)
    if (named.has(key)) yield { record: 'file', key: `${key}.gz`, bytes: gzipSync(await entry.bytes()) }
  }
}

/** The first way through: names, and the list of what is not run by default. */
async function surroundingsOf(input: FeedInput): Promise<Surroundings & Readonly<{ root: string }>> {
  const names: string[] = []
  let ignore: unknown = null
  for await (const entry of input.entries()) {
    names.push(entry.name)
    if (/(^|\/)\.nuclei-ignore$/.test(entry.name)) ignore = yamlOrNothing(decoded(await entry.bytes()))
  }
  const first = names[0]?.split('/')[0] ?? ''
  const root = !folders.has(first) && names.every((name) => name.startsWith(`${first}/`)) ? `${first}/` : ''
  return {
    root,
    files: new Set(names.map((name) => name.slice(root.length))),
    folders: new Set(names.flatMap((name) => foldersOf(name.slice(root.length)))),
    ignoredTags: new Set(wordsOf(fieldsOf(ignore).tags)),
    ignoredFiles: new Set(wordsOf(fieldsOf(ignore).files)),
  }
}

function foldersOf(name: string): readonly string[] {
  const parts = name.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

function yamlOrNothing(text: string): unknown {
  try {
    return load(text.slice(0, 1024 * 1024), { maxDepth: 16, maxAliases: 100 })
  } catch {
    return null
  }
}
