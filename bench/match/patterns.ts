import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { FAILSAFE_SCHEMA, load } from 'js-yaml'
import { compileTemplate } from '../../src/core/template/compile.ts'
import { translatePattern } from '../../src/core/template/pattern/translate.ts'
import { openFeedInput } from '../../src/formats/archive/open.ts'
import { nuclei } from '../../src/formats/feed/nuclei/nuclei.ts'
import type { Sought } from '../../src/engine/template/match/sweep.ts'

/** 7,000 words and 3,000 patterns that templates look for in bodies: those of the feed where there is one (VIGIL_FEEDS), else made up in their likeness. */
export async function patternsToSeek(): Promise<Readonly<{ list: readonly Sought[]; from: string }>> {
  const root = process.env['VIGIL_FEEDS']
  const file = root === undefined ? undefined : (await readdir(root, { recursive: true })).find((name) => /nuclei-templates[^/]*\.tar\.gz$/.test(name))
  return file === undefined ? { list: madeUp(), from: 'made up' } : { list: await ofFeed(join(root!, file)), from: 'templates of the feed' }
}

async function ofFeed(path: string): Promise<readonly Sought[]> {
  const words = new Map<string, Sought>()
  const patterns = new Map<string, Sought>()
  for await (const record of nuclei.read(await openFeedInput(path))) {
    if (record.record !== 'template' || record.unsupported !== undefined || (words.size >= 7000 && patterns.size >= 3000)) continue
    const plan = compileTemplate(load(record.text, { schema: FAILSAFE_SCHEMA, maxDepth: 64, maxAliases: 1000 }), () => '')
    if ('reason' in plan) continue
    for (const matcher of plan.blocks.flatMap((block) => (block.protocol === 'http' ? block.matchers : []))) {
      if (matcher.type === 'word') for (const word of matcher.words) if (typeof word === 'string' && words.size < 7000) words.set(`${matcher.ignoreCase}${word}`, { word, ignoreCase: matcher.ignoreCase })
      if (matcher.type === 'regex') for (const pattern of matcher.patterns) if (patterns.size < 3000) patterns.set(pattern.original, { pattern })
    }
    // There are fewer patterns in matchers than that: those of extractors make up the rest.
    if (words.size >= 7000) for (const extractor of plan.blocks.flatMap((block) => block.extractors)) if (extractor.type === 'regex') for (const pattern of extractor.patterns) if (patterns.size < 3000) patterns.set(pattern.original, { pattern })
  }
  return [...words.values(), ...patterns.values()]
}

const syllables = ['ba', 'con', 'der', 'fi', 'gra', 'hul', 'jen', 'ki', 'lo', 'mas', 'nex', 'or', 'pro', 'qui', 'ros', 'sta', 'tem', 'ur', 'ver', 'wp', 'xen', 'yo', 'zab']

/** Words of a number, always the same. */
export function wordOf(number: number): string {
  let rest = number * 2_654_435_761
  let word = ''
  for (let part = 0; part < 4; part++) {
    word += syllables[rest % syllables.length]!
    rest = Math.floor(rest / syllables.length)
  }
  return word + number
}

function madeUp(): readonly Sought[] {
  const words = Array.from({ length: 7000 }, (_, at): Sought => ({ word: at % 3 === 0 ? `<title>${wordOf(at)} Login</title>` : at % 3 === 1 ? `${wordOf(at)}.js?v=` : `"${wordOf(at)}"`, ignoreCase: false }))
  const shapes = [(name: string) => `(?i)${name}[ /-]v?([0-9.]+)`, (name: string) => `<meta name="generator" content="${name} ([0-9.]+)"`, (name: string) => `${name}_[a-f0-9]{32}`]
  const patterns = Array.from({ length: 3000 }, (_, at): Sought => ({ pattern: translatePattern(shapes[at % shapes.length]!(wordOf(10_000 + at))) }))
  return [...words, ...patterns]
}
