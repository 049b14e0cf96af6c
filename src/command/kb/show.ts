import { fail } from '#core/errors.ts'
import type { KnowledgeBase, VulnerabilityDetail } from '#knowledge/knowledge-base.ts'
import { options, type Command } from '../command.ts'
import { withKnowledge } from './opened.ts'
import { plain } from './search.ts'

const help = `vigil kb show ID [--data DIR] [--json]

Everything that is known of ID: a CVE, a name of another database (GHSA-…, GO-…), or the number of a check. Each fact is
shown with the source it comes from, and with what other sources say.
`

export const showCommand: Command = async (argv) => {
  const parsed = options(argv, help, { data: { type: 'string' }, json: { type: 'boolean', default: false } })
  if (parsed === null) return 0
  const [id, ...more] = parsed.positionals
  if (id === undefined || more.length > 0) return fail('usage', { what: 'vigil kb show needs one id. Try --help.' })
  return withKnowledge(parsed.values.data, async (knowledge) => {
    const check = /^[0-9]{1,10}$/.test(id) ? await knowledge.check(Number(id)) : null
    const found = check ?? (await knowledge.vulnerability(id))
    if (found === null) {
      process.stderr.write(`vigil kb: nothing is known of "${plain(id).slice(0, 80)}".\n`)
      return 1
    }
    process.stdout.write(parsed.values.json ? `${JSON.stringify(found)}\n` : `${'row' in found ? checkText(found) : vulnerabilityText(found)}\n`)
    return 0
  })
}

function checkText({ row, body, changes }: NonNullable<Awaited<ReturnType<KnowledgeBase['check']>>>): string {
  return [
    `${row.id}  ${plain(row.title)}`, `${row.kind} of ${row.source}, version ${row.version}, severity ${row.severity}, ${row.type}, ${row.category}`,
    row.runnable ? 'Runs in scans.' : `Does not run: ${row.why ?? ''}`, row.cve.length === 0 ? '' : row.cve.join(' '),
    'text' in body && typeof body.text === 'string' ? plain(body.text) : '', ...changes.map((change) => `${change.at.slice(0, 10)}  ${plain(change.text)}`),
  ].filter((line) => line !== '').join('\n')
}

function vulnerabilityText(one: VulnerabilityDetail): string {
  const { facts, overlay } = one
  const lines = [
    `${one.name}  ${plain(one.title)}`,
    [`severity ${one.severity}`, one.score === null ? '' : `CVSS ${one.score}`, one.epss === null ? '' : `EPSS ${(one.epss * 100).toFixed(2)} %`, one.withdrawn === null ? '' : 'WITHDRAWN'].filter((part) => part !== '').join(', '),
    one.aliases.length === 0 ? '' : `also ${one.aliases.join(', ')}`,
    overlay.exploited === undefined ? '' : `Known to be exploited since ${overlay.exploited.since.slice(0, 10)}${overlay.exploited.ransomware ? ', also by ransomware' : ''}.`,
    one.detection.length === 0 ? 'Not detected by anything yet.' : `Detected by: ${one.detection.join(', ')}.`,
  ]
  for (const [name, fact] of Object.entries(facts)) {
    const value = Array.isArray(fact.value) ? fact.value.join(' ') : String(fact.value)
    lines.push('', `${name} (${fact.source} ${fact.key})`, plain(value).slice(0, 2000))
    for (const other of fact.others.slice(0, 3)) lines.push(`  ${other.source} says: ${plain(Array.isArray(other.value) ? other.value.join(' ') : String(other.value)).slice(0, 200)}`)
  }
  if (one.affectedTotal > 0) lines.push('', `${one.affectedTotal} ranges, as:`)
  for (const { source, affected } of one.affected.slice(0, 15)) {
    const spans = affected.intervals.map((span) => [span.from === undefined ? '' : `${span.fromExclusive === true ? '>' : '≥'} ${span.from}`, span.before === undefined ? '' : `< ${span.before}`, span.upTo === undefined ? '' : `≤ ${span.upTo}`].filter((part) => part !== '').join(' '))
    lines.push(`  ${source}  ${affected.product.ecosystem} ${plain(affected.product.name)}  ${[...spans, ...affected.versions.slice(0, 5)].map(plain).join('; ')}${affected.status === 'affected' ? '' : `  ${affected.status}`}`)
  }
  if (one.checks.length > 0) lines.push('', 'Checks:', ...one.checks.map((check) => `  ${check.id}  ${check.kind}  ${plain(check.title)}`))
  if (one.changes.length > 0) lines.push('', 'Changes:', ...one.changes.map((change) => `  ${change.at.slice(0, 10)}  ${plain(change.text)}`))
  return lines.filter((line, at) => line !== '' || lines[at - 1] !== '').join('\n')
}
