import { fail } from '#core/errors.ts'
import { options, type Command } from '../command.ts'
import { withKnowledge } from './opened.ts'

const help = `vigil kb search WORDS… [--checks] [--sort BY] [--limit N] [--data DIR] [--json]

Finds vulnerabilities by words, ids and fields, as the console does:
  vigil kb search openssh 'severity:>=4' exploited:true
  vigil kb search 2024-6387

  --checks   find checks (signatures, templates, libraries, life cycles) instead
  --sort     relevance, -published, -modified, -severity, -score, -epss, -exploited, name
  --limit    rows at most, 20 unless told
`

const config = {
  data: { type: 'string' }, checks: { type: 'boolean', default: false }, sort: { type: 'string', default: 'relevance' }, limit: { type: 'string', default: '20' }, json: { type: 'boolean', default: false },
} as const

export const searchCommand: Command = async (argv) => {
  const parsed = options(argv, help, config)
  if (parsed === null) return 0
  const { values, positionals } = parsed
  if (!/^[0-9]{1,3}$/.test(values.limit)) fail('usage', { what: '--limit needs a number up to 200.' })
  const ask = { q: positionals.map((word) => (/\s/.test(word) && !word.includes('"') && !word.includes(':') ? `"${word}"` : word)).join(' '), sort: values.sort, limit: Number(values.limit) }
  return withKnowledge(values.data, async (knowledge) => {
    const found = await (values.checks ? knowledge.checks(ask) : knowledge.vulnerabilities(ask))
    if (values.json) process.stdout.write(`${JSON.stringify(found)}\n`)
    else {
      for (const row of found.items) {
        const marks = 'exploitedSince' in row ? [row.score === null ? '' : `CVSS ${row.score}`, row.exploitedSince === null ? '' : 'EXPLOITED', row.detection.join(' ')] : [row.kind, row.runnable ? '' : 'does not run']
        process.stdout.write(`${'name' in row ? row.name : String(row.id)}  ${row.severity}  ${marks.filter((mark) => mark !== '').join('  ')}\n    ${plain(row.title)}\n`)
      }
      process.stderr.write(`${found.total.toLocaleString('en-US')} found.${found.didYouMean === null ? '' : ` Did you mean: ${found.didYouMean}`}\n`)
    }
    return found.total === 0 ? 1 : 0
  })
}

/** Texts of sources are untrusted: nothing that moves a terminal's cursor. */
export function plain(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
}
