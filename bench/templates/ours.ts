import { readFileSync, writeFileSync } from 'node:fs'
import { openLibrary } from '../../src/engine/template/open-library.ts'
import { lookTemplates } from '../../src/engine/template/testing.ts'

/** Looks at all targets with all templates, four targets at once, and writes what matched. Arguments: the packed templates, the ports as JSON, the file to write, `fitting` or `all`. */
const [pack, ports, out, which] = process.argv.slice(2) as [string, string, string, 'fitting' | 'all']
const library = openLibrary(readFileSync(pack))
const found: string[] = []
const queue = JSON.parse(ports) as number[]
await Promise.all([1, 2, 3, 4].map(async () => {
  for (let port = queue.shift(); port !== undefined; port = queue.shift()) {
    const { matches } = await lookTemplates(port, library, { profile: { templates: which } })
    for (const { data } of matches) found.push(`${port} ${data.template}${data.matcher === undefined ? '' : `:${data.matcher}`}`)
  }
}))
writeFileSync(out, JSON.stringify([...new Set(found)]))
