import { readdir } from 'node:fs/promises'
import { options, type Command } from './command.ts'

const folder = new URL('../../bench/', import.meta.url)

/** Files beside the benchmarks that are none. */
const shared = new Set(['statistics.ts', 'store.ts'])

/** One measured figure. `ratio` is value over peer value; `holds` is null where there is no goal. */
export type Figure = Readonly<{
  bench: string
  metric: string
  value: number
  unit: string
  peer: string | null
  ratio: number | null
  goal: string | null
  holds: boolean | null
  runs: number
}>

const help = `vigil bench [NAME] [--json]

Without a name: lists the benchmarks. With one: runs it and prints its figures, beside its peer where it has one.

  --json   one JSON object a metric: {bench, metric, value, unit, peer, ratio, goal, holds, runs}
`

export const benchCommand: Command = async (argv) => {
  const parsed = options(argv, help, { json: { type: 'boolean', default: false } })
  if (parsed === null) return 0
  const names = (await readdir(folder)).filter((file) => file.endsWith('.ts') && !shared.has(file)).map((file) => file.slice(0, -3)).sort()
  const [name] = parsed.positionals
  if (name === undefined) {
    process.stdout.write(parsed.values.json ? `${JSON.stringify(names)}\n` : `${names.join('\n')}\n`)
    return 0
  }
  if (!names.includes(name)) {
    process.stderr.write(`vigil bench: there is no benchmark "${name.slice(0, 60)}". There are: ${names.join(', ')}\n`)
    return 2
  }
  const { bench } = (await import(new URL(`${name}.ts`, folder).href)) as { bench: (tell: (figure: Figure) => void) => Promise<void> }
  let complete = true
  await bench((figure) => {
    if (figure.holds === false) complete = false
    process.stdout.write(parsed.values.json ? `${JSON.stringify(figure)}\n` : `${text(figure)}\n`)
  })
  return complete ? 0 : 1
}

function text(figure: Figure): string {
  const value = `${Number(figure.value.toPrecision(4))} ${figure.unit}`
  const beside = figure.peer === null ? '' : figure.ratio === null ? `  peer ${figure.peer}` : `  ${Number(figure.ratio.toPrecision(3))} × ${figure.peer}`
  const goal = figure.goal === null ? '' : `  goal ${figure.goal}: ${figure.holds === true ? 'holds' : 'missed'}`
  return `${figure.bench}  ${figure.metric}: ${value}${beside}${goal}  (${figure.runs} ${figure.runs === 1 ? 'run' : 'runs'})`
}
