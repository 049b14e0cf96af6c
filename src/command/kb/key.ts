import { readFile } from 'node:fs/promises'
import { fail } from '#core/errors.ts'
import { distrustKey, newKey, openKey, publicOf, readPublicKey, sameFingerprint, trustedKeys, trustKey, type PublicKey } from '#knowledge/bundle/key.ts'
import { knowledgeFolder } from '#knowledge/folder.ts'
import { options, type Command } from '../command.ts'
import { dataFolder } from '../data-folder.ts'
import { ownName, signingPassphrase } from './signing.ts'

const help = `vigil kb key new | show | list | trust KEY --fingerprint F [--name NAME] | distrust --fingerprint F   [--data DIR] [--json]

Keys of KnowledgeBase bundles. Bundles are taken only when they are signed by a key that is trusted here; at first none is.

  new       make this installation's signing key, kept encrypted in DIR, and trust it here
  show      its public key and fingerprint, to be handed to those who are to take your bundles
  list      the keys that are trusted here
  trust     take bundles of another installation: KEY is its public key (vigil-kb-…) or a file with it, F its fingerprint
            as its owner tells you by another way than you got the key
  distrust  take no more of its bundles; what was taken stays in force
`

const config = { data: { type: 'string' }, fingerprint: { type: 'string' }, name: { type: 'string' }, json: { type: 'boolean', default: false } } as const

export const keyCommand: Command = async (argv) => {
  const parsed = options(argv, help, config)
  if (parsed === null) return 0
  const [act, given, ...more] = parsed.positionals
  if (more.length > 0) fail('usage', { what: 'vigil kb key takes one key. Try --help.' })
  const { values } = parsed
  const data = dataFolder(values.data)
  const folder = knowledgeFolder(data)
  const print = (key: PublicKey, name?: string): void => {
    const said = { key: key.text, fingerprint: key.fingerprint, ...(name === undefined ? {} : { name }) }
    process.stdout.write(values.json ? `${JSON.stringify(said)}\n` : `${key.text}\n  fingerprint ${key.fingerprint}${name === undefined ? '' : `\n  ${name}`}\n`)
  }
  if (act === 'new') print(newKey(folder, await signingPassphrase(data), values.name ?? ownName()))
  else if (act === 'show') print(publicOf(openKey(folder, await signingPassphrase(data))))
  else if (act === 'list') {
    const keys = trustedKeys(folder)
    if (keys.length === 0 && !values.json) process.stdout.write('No key is trusted here: no bundle will be taken.\n')
    for (const key of keys) print(key, key.name)
  } else if (act === 'trust') {
    const key = await keyFrom(given ?? fail('usage', { what: 'vigil kb key trust needs a public key. Try --help.' }))
    if (values.fingerprint === undefined || !sameFingerprint(values.fingerprint, key.fingerprint)) fail('bundle.fingerprint', { fingerprint: key.fingerprint })
    trustKey(folder, key, values.name ?? '')
    print(key, values.name ?? '')
  } else if (act === 'distrust') distrustKey(folder, values.fingerprint ?? fail('usage', { what: 'vigil kb key distrust needs --fingerprint.' }))
  else fail('usage', { what: 'vigil kb key needs new, show, list, trust or distrust. Try --help.' })
  return 0
}

async function keyFrom(given: string): Promise<PublicKey> {
  if (given.startsWith('vigil-kb-')) return readPublicKey(given)
  const text = await readFile(given, 'utf8').catch(() => fail('feed.missing', { path: given }))
  return readPublicKey(text.trim().split(/\s/)[0]!.slice(0, 200))
}
