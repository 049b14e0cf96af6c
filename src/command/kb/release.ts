import { knowledgeFolder, readCurrent, releasesOf } from '#knowledge/folder.ts'
import { openRelease } from '#knowledge/open.ts'
import { options, type Command } from '../command.ts'
import { dataFolder } from '../data-folder.ts'

const help = `vigil kb release [--data DIR] [--json]

The release of the KnowledgeBase in force, those that are kept to go back to, and what the last ones changed.
\`vigil kb rollback\` goes back; \`vigil kb bundle\` carries it elsewhere. Checks of your own are published in the console.
`

/** Releases of which the changes are shown. */
const shown = 10

export const releaseCommand: Command = async (argv) => {
  const parsed = options(argv, help, { data: { type: 'string' }, json: { type: 'boolean', default: false } })
  if (parsed === null) return 0
  const folder = knowledgeFolder(dataFolder(parsed.values.data))
  const current = readCurrent(folder)
  if (current === null) {
    process.stdout.write(parsed.values.json ? '{"inForce":null,"kept":[],"changed":[]}\n' : 'There is no release yet: vigil kb sync.\n')
    return 0
  }
  const base = openRelease(folder, current)
  try {
    const counts = (await base.changeCounts('0000')).filter((one) => one.about !== 'source')
    const numbers = [...new Set(counts.map((one) => one.release))].slice(0, shown)
    const changed = numbers.map((release) => ({
      release, at: counts.find((one) => one.release === release)!.at, kinds: counts.filter((one) => one.release === release).map(({ about, kind, count }) => ({ about, kind, count })),
    }))
    const kept = releasesOf(folder).map((one) => one.number)
    if (parsed.values.json) process.stdout.write(`${JSON.stringify({ inForce: base.facts, kept, changed })}\n`)
    else {
      process.stdout.write(`Release ${current.name} is in force: root ${current.root.slice(0, 16)}…, ${current.counts.vulnerabilities} vulnerabilities, ${current.counts.checks} checks.\nKept: ${kept.join(', ')}\n`)
      for (const { release, at, kinds } of changed) process.stdout.write(`  ${release}  ${at.slice(0, 10)}  ${kinds.map(({ about, kind, count }) => `${count} ${about} ${kind}`).join(', ')}\n`)
    }
    return 0
  } finally {
    await base.close()
  }
}
