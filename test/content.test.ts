import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { compileJudge } from '#core/judge.ts'
import { neededTexts } from '#core/match/literal.ts'
import { loadContent, loadEntries } from '#formats/content.ts'

const directory = fileURLToPath(new URL('../content', import.meta.url))
const { entries, problems, release } = await loadEntries(directory)
const signatures = entries.map((entry) => entry.signature)
const judge = compileJudge(signatures)
const folderOf = new Map(entries.map((entry) => [entry.signature.id, dirname(entry.file)]))

test('every content file is sound', async () => {
  assert.deepEqual(problems, [])
  assert.deepEqual(await loadContent(directory), { release, signatures, problems: [] })
})

test('every signature fires on its own fixtures and on none of its near twins', () => {
  const wrong: string[] = []
  for (const { file, signature, fires, spares } of entries) {
    for (const [index, { seen }] of fires.entries()) {
      const found = judge(seen).find((detection) => detection.signature === signature.id)
      if (found === undefined) wrong.push(`${file} ${signature.id} is silent on fires[${index}]`)
      else if (/\{[\w$]|undefined|NaN|\s\(\s*\)|\s{2}|[:=]\s*$/.test(found.result)) wrong.push(`${file} ${signature.id} fires[${index}] shows a hole: ${found.result}`)
    }
    for (const [index, { seen, also }] of spares.entries()) {
      for (const detection of judge(seen)) {
        const { signature: id, severity } = detection
        if (id === signature.id) wrong.push(`${file} ${id} fires on spares[${index}]`)
        else if (severity >= 3 && folderOf.get(id) === dirname(file) && !also.includes(id)) wrong.push(`${file} ${id} fires on spares[${index}] of ${signature.id}`)
      }
    }
  }
  assert.deepEqual(wrong, [])
})

test('signatures on services read only names and facts that probes promise', () => {
  const contract = readFileSync(new URL('../src/engine/services/FACTS.md', import.meta.url), 'utf8')
  const names = new Set([...contract.matchAll(/^\| (`[^|]+) \|/gm)].flatMap((row) => [...row[1]!.matchAll(/`([\w-]+)`/g)].map((name) => name[1]!)))
  const facts = new Map<string, string>()
  for (const row of contract.matchAll(/^\| (`[^|]+) \|(.+)\|$/gm)) {
    for (const name of row[1]!.matchAll(/`([\w-]+)`/g)) facts.set(name[1]!, row[2]!)
  }
  assert.ok(names.size > 30)
  const wrong: string[] = []
  for (const { file, signature, fires, spares } of entries) {
    if (signature.on !== 'service') continue
    const wanted = neededTexts(signature.when, 'name')
    if (wanted === null) wrong.push(`${file} ${signature.id} does not say the name of the service`)
    const promised = [...(wanted ?? [])].map((name) => facts.get(name) ?? '').join(' ')
    const used = new Set([...JSON.stringify([signature.when, signature.result]).matchAll(/facts\.(\w+)/g)].map((one) => one[1]!))
    for (const { seen } of [...fires, ...spares]) {
      if (seen.kind !== 'service') continue
      if (!names.has(seen.data.name)) wrong.push(`${file} ${signature.id}: no probe says ${seen.data.name}`)
      if (wanted?.has(seen.data.name) === true) for (const fact of Object.keys(seen.data.facts)) used.add(fact)
    }
    for (const fact of used) if (!promised.includes(`\`${fact}\``)) wrong.push(`${file} ${signature.id}: no probe of ${[...(wanted ?? [])].join()} promises ${fact}`)
  }
  assert.deepEqual(wrong, [])
})

test('the KnowledgeBase is wide, and every signature says where it is written and how bad it is', () => {
  assert.ok(signatures.length >= 340, `${signatures.length} signatures: some were lost`)
  const wrong: string[] = []
  for (const { id, severity, score, cvss, cve, references, solution } of signatures) {
    if (references.length === 0) wrong.push(`${id} has no reference`)
    if ((cvss === undefined) !== (score === undefined)) wrong.push(`${id} has a vector without a score`)
    if (severity >= 2 && cvss === undefined && signatures.find((one) => one.id === id)!.type !== 'information') wrong.push(`${id} has no CVSS vector`)
    if (cve.length > 0 && !references.some((one) => one.startsWith('https://'))) wrong.push(`${id} has no https reference`)
    if (solution.length < 30) wrong.push(`${id} hardly says how to fix it`)
  }
  assert.deepEqual(wrong, [])
})
