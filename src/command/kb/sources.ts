import { options, type Command } from '../command.ts'
import { withKnowledge } from './opened.ts'

const help = `vigil kb sources [--data DIR] [--json]

Each source of the KnowledgeBase: its day, its records, its licence, whom to credit, and how its last import went.
Exit codes: 0 all well, 1 the last import of one failed.
`

export const sourcesCommand: Command = async (argv) => {
  const parsed = options(argv, help, { data: { type: 'string' }, json: { type: 'boolean', default: false } })
  if (parsed === null) return 0
  const sources = await withKnowledge(parsed.values.data, (knowledge) => knowledge.sources())
  if (parsed.values.json) process.stdout.write(`${JSON.stringify(sources)}\n`)
  else {
    for (const one of sources) {
      process.stdout.write(`${one.name.padEnd(14)} ${one.state.padEnd(7)} ${(one.snapshot?.slice(0, 10) ?? '').padEnd(11)} ${one.records.toLocaleString('en-US').padStart(9)}  ${one.title}; ${one.licence}; ${one.attribution}\n`)
      if (one.problem !== null) process.stdout.write(`${' '.repeat(15)}${one.failedAt?.slice(0, 16).replace('T', ' ')}: ${one.problem}\n`)
    }
  }
  return sources.some((one) => one.state === 'failed') ? 1 : 0
}
