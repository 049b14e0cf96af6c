import { writeFileSync } from 'node:fs'

/** Loaded before a program: when it ends, writes what it used at most, in kB of memory, and in µs of CPU. */
process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  writeFileSync(process.env['VIGIL_BENCH_PEAK']!, JSON.stringify({ maxRSS, cpu: userCPUTime + systemCPUTime }))
})
