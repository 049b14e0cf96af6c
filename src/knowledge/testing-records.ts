import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Affected } from '#core/knowledge/affected.ts'
import type { FeedRecord, SourceName, Statement } from '#core/knowledge/record.ts'
import { build, type BuildOptions, type BuildReport, type Import } from './build/build.ts'
import { openKnowledge } from './open.ts'
import type { KnowledgeBase } from './knowledge-base.ts'

/** A folder of a KnowledgeBase that goes with the test, and feeds for it. */
export type Bench = Readonly<{
  folder: string
  /** Writes a feed of these records, as `kb export` does, and returns it. `whole` false: a part. */
  feed(source: SourceName, records: readonly FeedRecord[], options?: Readonly<{ name?: string; whole?: boolean; cut?: boolean; snapshot?: string }>): Import
  build(imports: readonly Import[], options?: BuildOptions): Promise<BuildReport>
  /** The release in force; closed with the test. */
  open(): Promise<KnowledgeBase>
}>

export function bench(test: Readonly<{ after(work: () => Promise<void>): void }>): Bench {
  const root = mkdtempSync(join(tmpdir(), 'vigil-kb-'))
  const folder = join(root, 'knowledge')
  const opened: KnowledgeBase[] = []
  let feeds = 0
  test.after(async () => {
    for (const one of opened) await one.close()
    rmSync(root, { recursive: true, force: true })
  })
  return {
    folder,
    feed(source, records, { name, whole = true, cut = false, snapshot = '2026-01-01' } = {}) {
      const path = join(root, `${source}-${name ?? ++feeds}.vigil.jsonl`)
      const lines: unknown[] = [{ record: 'head', snapshot, whole }, ...records, { record: 'counted', records: records.length }, ...(cut ? [] : [{ record: 'end' }])]
      writeFileSync(path, `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`)
      return { source, paths: [path] }
    },
    build: (imports, options = {}) => build(folder, imports, options),
    async open() {
      const knowledge = await openKnowledge(folder)
      opened.push(knowledge)
      return knowledge
    },
  }
}

export function statement(vulnerability: string, more: Partial<Statement> = {}): Statement {
  return { record: 'statement', vulnerability, key: vulnerability, aliases: [], cvss: [], cwe: [], references: [], products: [], ...more }
}

export function affected(vulnerability: string, ecosystem: string, name: string, before: string, more: Partial<Affected> = {}): Affected {
  return {
    record: 'affected', vulnerability, key: vulnerability, product: { ecosystem, name }, of: 'binary', scheme: 'generic', intervals: [{ from: '0', before }], versions: [], status: 'affected', fixed: [before], ...more,
  }
}

export const cvss = (score: number, version: '2.0' | '3.0' | '3.1' | '4.0' = '3.1'): Statement['cvss'][number] => ({ version, vector: `CVSS:${version}/X:${score}`, score })
