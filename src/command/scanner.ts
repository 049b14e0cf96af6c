import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { activate, httpsChannel, platformUrl } from '#channel/https.ts'
import { exportKey, newScannerKey, scannerKeyOf } from '#channel/seal.ts'
import { fail } from '#core/errors.ts'
import { sliceEngineWith } from '#scanner/engine.ts'
import { hashOf, newToken, readIdentity, writeIdentity, type ScannerIdentity } from '#scanner/identity.ts'
import { startScanner } from '#scanner/scanner.ts'
import { openSpool } from '#scanner/spool.ts'
import { callbackOptions, listenerOf } from './callback.ts'
import { options, type Command } from './command.ts'
import { version } from './version.ts'

const help = `vigil scanner --platform URL --code CODE [options]

Runs a remote scanner: it calls the platform over HTTPS, takes work, and reports. Nothing ever connects to it. The code comes from
Settings › Scanners and is needed once; later starts need --data alone.

  --platform URL    where the platform answers, as https://vigil.example.org
  --code CODE       activation code
  --data DIR        where it keeps its token and what it could not deliver yet (default: ~/.vigil-scanner)
  --ca FILE         PEM certificate to trust instead of the system's, for a platform with a certificate of its own
  --capacity N      slices of up to 64 hosts at once (default 4)
  --callback ADDR[:PORT]
                    where targets are told to call when a check makes them call somebody (default: the address of this machine from which
                    each is reached, and a port that is free); "off" for no listener
  --callback-domain NAME
                    a domain whose name server is ADDR: lookups of names below it are calls, too. Then PORT is 80 unless given

Stops in order on SIGTERM and SIGINT: work under way goes back to the platform.
Exit codes: 0 stopped, 2 wrong usage, 69 not registered (any more).
`

const config = {
  platform: { type: 'string' },
  code: { type: 'string' },
  data: { type: 'string' },
  ca: { type: 'string' },
  capacity: { type: 'string', default: '4' },
  ...callbackOptions,
} as const

/** `vigil scanner`: see `help`. Resolves with the exit code once it was told to stop. */
export const scannerCommand: Command = async (argv) => {
  const parsed = options(argv, help, config)
  if (parsed === null) return 0
  const { values, positionals } = parsed
  if (positionals.length > 0) fail('usage', { what: `"${positionals[0]!}" is not an option.` })
  const capacity = Number(values.capacity)
  if (!Number.isInteger(capacity) || capacity < 1 || capacity > 64) fail('usage',
    { what: `--capacity is "${values.capacity}"; it must be from 1 to 64.` })
  const folder = resolve(values.data ?? join(homedir(), '.vigil-scanner'))
  const tell = (text: string) => process.stderr.write(`vigil scanner: ${text}\n`)
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  process.once('SIGTERM', stop).once('SIGINT', stop)
  try {
    const ca = values.ca === undefined
      ? undefined
      : await readFile(values.ca, 'utf8').catch(() => fail('usage', { what: `${values.ca!} cannot be read.` }))
    const identity = await withKey(folder, await identify(folder, values.platform, values.code, ca, stopping.signal))
    const channel = httpsChannel({ platform: identity.platform, token: identity.token, ca: identity.ca })
    const quiet = quieten(tell)
    const listener = await listenerOf(values)
    const scanner = startScanner({
      channel, engine: sliceEngineWith(listener), id: identity.id, software: await version(), capacity, key: scannerKeyOf(identity.key),
      spool: await openSpool(join(folder, 'spool')), heartbeatMs: 3000,
      tell, onError: (error) => quiet(error instanceof Error ? error.message : String(error)),
    })
    tell(`"${identity.name}" works for ${identity.platform}`)
    const dismissed = await Promise.race([scanner.dismissed.then(() => true), aborted(stopping.signal)])
    await scanner.stop()
    await listener?.close()
    channel.close()
    if (dismissed) tell('the platform does not know this scanner any more. Activate it again with a new code.')
    return dismissed ? 69 : 0
  } finally {
    process.removeListener('SIGTERM', stop).removeListener('SIGINT', stop)
  }
}

/**
 * The registration on disk, or a new one with the code. The token is on disk before the platform hears of it, so that no answer
 * lost can lose it.
 */
async function identify(folder: string, platform: string | undefined, code: string | undefined, ca: string | undefined,
  signal: AbortSignal): Promise<ScannerIdentity> {
  const known = await readIdentity(folder)
  const trust = ca === undefined ? (known?.ca === undefined ? {} : { ca: known.ca }) : { ca }
  if (known !== null && known.id !== '' && code === undefined) {
    const identity = { ...known, ...trust, ...(platform === undefined ? {} : { platform: platformUrl(platform).href }) }
    await writeIdentity(folder, identity)
    return identity
  }
  const url = platform ?? known?.platform ?? fail('usage',
    { what: 'Say where the platform is: --platform URL, and --code CODE from Settings › Scanners.' })
  if (code === undefined) fail('usage', { what: 'Say the activation code: --code CODE, from Settings › Scanners.' })
  const href = platformUrl(url).href
  const isBegun = known !== null && known.id === '' && known.token !== ''
  const draft = isBegun ? known : { id: '', token: newToken(), platform: href, name: '' }
  await writeIdentity(folder, { ...draft, ...trust, platform: href })
  const registered = await activate({ platform: href, ...trust }, code, hashOf(draft.token), signal)
  const identity = { ...registered, token: draft.token, platform: href, ...trust }
  await writeIdentity(folder, identity)
  return identity
}

/** Its key is made once, and on disk before the platform hears of it. One that was activated anew has none yet, and gets another. */
async function withKey(folder: string, identity: ScannerIdentity): Promise<ScannerIdentity & Readonly<{ key: string }>> {
  if (identity.key !== undefined) return { ...identity, key: identity.key }
  const keyed = { ...identity, key: exportKey(newScannerKey()) }
  await writeIdentity(folder, keyed)
  return keyed
}

function aborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false)
    else signal.addEventListener('abort', () => resolve(false), { once: true })
  })
}

/** While the platform is away the same line would come every few seconds: once a minute is enough. */
function quieten(tell: (text: string) => void): (text: string) => void {
  const told = new Map<string, number>()
  return (text) => {
    if (Date.now() - (told.get(text) ?? 0) < 60_000) return
    if (told.size > 100) told.clear()
    told.set(text, Date.now())
    tell(text)
  }
}
