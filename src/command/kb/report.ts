import type { BuildReport, Progress } from '#knowledge/build/build.ts'
import { plain } from './search.ts'

/** One line a step on a terminal's stderr; nothing is told twice. */
export function progressTo(write: (text: string) => void): (progress: Progress) => void {
  return ({ step, source, feed, done, text }) => {
    const name = source === undefined ? '' : feed === undefined || feed === '' ? source : `${source} ${feed}`
    if (step === 'loaded') write(`${name}: ${(done ?? 0).toLocaleString('en-US')} records\n`)
    else if (step === 'same') write(`${name}: unchanged\n`)
    else if (step === 'failed') write(`${name}: failed. ${plain(text ?? '')} What was there before serves on.\n`)
    else if (step === 'merging' && done === undefined) write('merging\n')
    else if (step === 'sealing') write('sealing\n')
  }
}

/** What an import did, in a line or as JSON. The exit code: 0 all taken, 1 a feed failed. */
export function printReport({ release, feeds, milliseconds, steps }: BuildReport, json: boolean): number {
  const failed = feeds.filter((one) => one.state === 'failed')
  if (json) process.stdout.write(`${JSON.stringify({ release, feeds, milliseconds, steps, memoryMegabytes: Math.round(process.resourceUsage().maxRSS / 1024) })}\n`)
  else if (release === null) process.stdout.write(failed.length === 0 ? 'Nothing changed.\n' : 'Nothing was taken.\n')
  else {
    const { counts } = release
    const n = (value: number): string => value.toLocaleString('en-US')
    process.stdout.write(`Release ${release.name} is in force: ${n(counts.vulnerabilities)} vulnerabilities, ${n(counts.checks)} checks, ${n(counts.ranges)} ranges (${(milliseconds / 1000).toFixed(1)} s).\n`)
  }
  return failed.length === 0 ? 0 : 1
}
