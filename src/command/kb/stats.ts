import { readStats } from '#knowledge/stats.ts'
import { options, type Command } from '../command.ts'
import { currentOf } from './opened.ts'

const help = `vigil kb stats [--data DIR] [--json]

How much the release in force knows: records by source, CVEs, those with a usable detection by kind, how many of the known
exploited ones are covered, and what could not be used, by reason.
`

export const statsCommand: Command = async (argv) => {
  const parsed = options(argv, help, { data: { type: 'string' }, json: { type: 'boolean', default: false } })
  if (parsed === null) return 0
  const { folder, current } = currentOf(parsed.values.data)
  const stats = readStats(folder, current, Date.now())
  if (parsed.values.json) {
    process.stdout.write(`${JSON.stringify(stats)}\n`)
    return 0
  }
  const n = (value: number): string => value.toLocaleString('en-US').padStart(9)
  const lines = [
    `Release ${stats.release.name}`, '',
    `${'source'.padEnd(14)} ${'day'.padEnd(10)} ${'records'.padStart(9)} ${'ranges'.padStart(9)} ${'detects'.padStart(9)}  not used`,
    ...stats.sources.filter((one) => one.state !== 'never').map((one) => `${one.name.padEnd(14)} ${(one.snapshot?.slice(0, 10) ?? '').padEnd(10)} ${n(one.records)} ${n(one.ranges)} ${n(one.detects)}  ${
      Object.entries(one.unused).map(([reason, count]) => `${reason} ${count}`).join(', ')}`),
    '', `${n(stats.records)}  records`, `${n(stats.cves)}  CVEs known, ${n(stats.described).trim()} of them described`, `${n(stats.detected)}  with a usable detection:`,
    ...Object.entries(stats.byKind).map(([kind, count]) => `${n(count)}    by ${kind}`), `${n(stats.active)}    by an active check (signature or template)`,
    `${n(stats.exploited.known)}  known exploited, ${stats.exploited.detected} detected (${(stats.exploited.share * 100).toFixed(1)} %), ${stats.exploited.byTemplate} by a template`,
    `${n(Object.values(stats.checks).reduce((sum, count) => sum + count, 0))}  checks: ${Object.entries(stats.checks).map(([kind, count]) => `${count} ${kind}`).join(', ')}`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  return 0
}
