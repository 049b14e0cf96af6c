import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { compileTemplate } from '#core/template/compile.ts'
import { templateTree } from '#formats/feed/nuclei/template.ts'

const feeds = process.env['VIGIL_FEEDS']

/** Counts of the feed of February 2026: how many templates that speak no HTTP are understood whole, so that a change which loses some is seen. */
test('templates of the feed that speak no HTTP compile', { skip: feeds === undefined }, (t) => {
  const archive = readdirSync(join(feeds!, 'nuclei-templates')).find((name) => name.endsWith('.tar.gz'))!
  const folder = mkdtempSync(join(tmpdir(), 'vigil-templates-'))
  t.after(() => rmSync(folder, { recursive: true }))
  execFileSync('tar', ['-xzf', join(feeds!, 'nuclei-templates', archive), '-C', folder, '--strip-components=1'])
  const counts = new Map<string, { all: number; compiled: number }>()
  const refused = new Map<string, number>()
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/^(?:network|javascript|dns|ssl)\/.*\.yaml$/.test(file)) continue
    const tree = templateTree(readFileSync(join(folder, file), 'utf8')) as Readonly<Record<string, unknown>>
    const protocols = ['http', 'tcp', 'network', 'dns', 'ssl', 'javascript'].filter((name) => tree[name] !== undefined)
    if (protocols.length === 0 || protocols.includes('http')) continue
    const key = protocols[0] === 'network' ? 'tcp' : protocols[0]!
    const count = counts.get(key) ?? { all: 0, compiled: 0 }
    counts.set(key, count)
    count.all += 1
    const plan = compileTemplate(tree, (name) => {
      try {
        return readFileSync(join(folder, name), 'utf8')
      } catch {
        return null
      }
    })
    if ('blocks' in plan) count.compiled += 1
    else refused.set(`${key}: ${plan.reason}`, (refused.get(`${key}: ${plan.reason}`) ?? 0) + 1)
  }
  for (const [key, { all, compiled }] of counts) t.diagnostic(`${key}: ${compiled} of ${all}`)
  for (const [key, number] of refused) t.diagnostic(`refused, ${key}: ${number}`)
  const of = (key: string): number => counts.get(key)?.compiled ?? 0
  assert.ok(of('tcp') >= 271 && of('dns') >= 27 && of('ssl') >= 37 && of('javascript') >= 60, JSON.stringify([...counts]))
})
