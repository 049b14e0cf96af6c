import { writeFileSync } from 'node:fs'

/** Loaded before a program: when it ends, writes its peak memory in kB. */
process.on('exit', () => {
  writeFileSync(process.env['VIGIL_BENCH_PEAK']!, JSON.stringify({ maxRSS: process.resourceUsage().maxRSS }))
})
