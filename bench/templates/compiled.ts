import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { FAILSAFE_SCHEMA, load } from 'js-yaml'
import { compileTemplate } from '../../src/core/template/compile.ts'

export type Compiled = Readonly<{ pack: Uint8Array; files: readonly string[] }>

/** Templates of the feed unpacked into a folder and compiled: those over HTTP that change nothing, try no login and need no listener, which both scanners can run here. `every`: one in so many. */
export function compileFeed(feeds: string, folder: string, every: number): Compiled {
  const archive = readdirSync(join(feeds, 'nuclei-templates')).find((name) => name.endsWith('.tar.gz'))
  if (archive === undefined) throw new Error('there are no nuclei templates in VIGIL_FEEDS')
  execFileSync('tar', ['xzf', join(feeds, 'nuclei-templates', archive), '-C', folder])
  const root = join(folder, 'nuclei-templates')
  const fileOf = (name: string): string | null => {
    try {
      return readFileSync(join(root, name), 'utf8')
    } catch {
      return null
    }
  }
  const lines: string[] = []
  const files: string[] = []
  let seen = 0
  for (const file of filesBelow(join(root, 'http'))) {
    const plan = compileTemplate(load(readFileSync(file, 'utf8'), { schema: FAILSAFE_SCHEMA }), fileOf)
    if ('reason' in plan || plan.effect !== 'harmless' || plan.callback || plan.requests > 50 || seen++ % every !== 0) continue
    files.push(file)
    lines.push(`${JSON.stringify({ check: files.length, plan })}\n`)
  }
  return { pack: zstdCompressSync(Buffer.from(lines.join(''))), files }
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder).sort().flatMap((name) => {
    const path = join(folder, name)
    return statSync(path).isDirectory() ? filesBelow(path) : name.endsWith('.yaml') ? [path] : []
  })
}
