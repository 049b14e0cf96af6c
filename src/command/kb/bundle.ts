import { join } from 'node:path'
import { fail } from '#core/errors.ts'
import { importBundle, verifyBundle } from '#knowledge/bundle/install.ts'
import { openKey } from '#knowledge/bundle/key.ts'
import { writeMirror } from '#knowledge/bundle/mirror.ts'
import { packBundle } from '#knowledge/bundle/pack.ts'
import { knowledgeFolder, readCurrent, releasesOf, type Current } from '#knowledge/folder.ts'
import { options, type Command } from '../command.ts'
import { dataFolder } from '../data-folder.ts'
import { signingPassphrase } from './signing.ts'

const bundleHelp = `vigil kb bundle --out FILE.vkb [--since N] | --mirror FOLDER   [--data DIR] [--json]

Writes the release of the KnowledgeBase that is in force as one signed file, to be carried to other installations, or into
a folder that any web server can hand out (\`vigil kb sync --from URL\` then fetches only what is missing).

  --out FILE       the bundle
  --since N        only what changed since release N, which the receivers have and which is kept here
  --mirror FOLDER  a mirror: latest.json, heads/, parts/

It is signed with this installation's key (vigil kb key new). Exit codes: 0 done, 2 refused, with the reason.
`

const bundleConfig = { data: { type: 'string' }, out: { type: 'string' }, since: { type: 'string' }, mirror: { type: 'string' }, json: { type: 'boolean', default: false } } as const

export const bundleCommand: Command = async (argv) => {
  const parsed = options(argv, bundleHelp, bundleConfig)
  if (parsed === null) return 0
  const { values, positionals } = parsed
  if (positionals.length > 0 || (values.out === undefined) === (values.mirror === undefined)) fail('usage', { what: 'vigil kb bundle needs either --out FILE or --mirror FOLDER. Try --help.' })
  const data = dataFolder(values.data)
  const folder = knowledgeFolder(data)
  const current = readCurrent(folder) ?? fail('bundle.no_release', { number: 1 })
  const common = { file: join(folder, current.file), facts: factsOf(current), key: openKey(folder, await signingPassphrase(data)), made: new Date() }
  const started = performance.now()
  if (values.mirror !== undefined) {
    const { parts, written, bytes } = await writeMirror({ ...common, out: values.mirror })
    say(values.json, { release: current.name, parts, written, bytes, seconds: since(started) }, `Release ${current.name} in ${parts} parts, ${written} of them new (${megabytes(bytes)}).`)
    return 0
  }
  const base = values.since === undefined ? undefined : { number: numberOf(values.since), file: fileOf(folder, values.since) }
  const { bytes, manifest } = await packBundle({ ...common, ...(base === undefined ? {} : { base }), out: values.out! })
  const carried = manifest.chunks.filter(([, how]) => how !== 'base').length
  say(values.json, { release: current.name, since: base?.number ?? null, bytes, file: manifest.size, parts: manifest.chunks.length, carried, seconds: since(started) },
    `Release ${current.name}${base === undefined ? '' : ` since release ${base.number}`}: ${megabytes(bytes)}, ${carried} of ${manifest.chunks.length} parts.`)
  return 0
}

const verifyHelp = `vigil kb verify FILE.vkb [--data DIR] [--json]

Checks every byte of a bundle against its signature, and the signature against the keys that are trusted here. Takes nothing.
`

export const verifyCommand: Command = async (argv) => {
  const parsed = options(argv, verifyHelp, { data: { type: 'string' }, json: { type: 'boolean', default: false } })
  if (parsed === null) return 0
  const [path, ...more] = parsed.positionals
  if (path === undefined || more.length > 0) return fail('usage', { what: 'vigil kb verify needs one bundle. Try --help.' })
  const started = performance.now()
  const { manifest, key, size, whole } = await verifyBundle(path, knowledgeFolder(dataFolder(parsed.values.data)))
  const { release, base } = manifest
  say(parsed.values.json, { release, base, key, bytes: size, whole, seconds: since(started) },
    `${path} is whole: release ${release.name}${base === null ? '' : `, what changed since release ${base.number}`}, signed by ${key}.${
      whole ? '' : `\nRelease ${base!.number} is not here, so that only what the bundle carries was checked.`}`)
  return 0
}

/** What `vigil kb import` does with a file that is a bundle. */
export async function importBundleFile(path: string, data: string, choices: Readonly<{ force: boolean; json: boolean }>): Promise<number> {
  const started = performance.now()
  const { current, isNew, key } = await importBundle(path, { folder: knowledgeFolder(data), force: choices.force })
  say(choices.json, { release: factsOf(current), isNew, key, seconds: since(started) },
    isNew ? `Release ${current.name} is in force: ${current.counts.vulnerabilities} vulnerabilities, ${current.counts.checks} checks (${since(started)} s).` : `Release ${current.name} was in force already.`)
  return 0
}

function factsOf({ number, name, root, at, counts }: Current) {
  return { number, name, root, at, counts }
}

function numberOf(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : fail('usage', { what: `--since needs the number of a release, not "${text}".` })
}

function fileOf(folder: string, text: string): string {
  const number = numberOf(text)
  const known = releasesOf(folder).find((one) => one.number === number)
  return known === undefined ? fail('bundle.no_release', { number }) : join(folder, known.file)
}

function say(json: boolean, facts: object, text: string): void {
  process.stdout.write(json ? `${JSON.stringify(facts)}\n` : `${text}\n`)
}

function since(started: number): number {
  return Math.round(performance.now() - started) / 1000
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
