import { build, type Import } from './build.ts'

/** A build in a process of its own, for tests that kill it: FOLDER IMPORTS. */
const [, , folder, imports] = process.argv
await build(folder!, JSON.parse(imports!) as Import[], { force: true }).then((report) => process.stdout.write(JSON.stringify(report)), (error: unknown) => {
  process.stderr.write(String(error))
  process.exitCode = 1
})
