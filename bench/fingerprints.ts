import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { compileFingerprints } from '#core/fingerprint/fingerprints.ts'
import type { Fingerprint } from '#core/knowledge/record.ts'
import { openFeedInput } from '#formats/archive/open.ts'
import { recog } from '#formats/feed/recog/recog.ts'
import type { Figure } from '../src/command/bench.ts'

const latin = new TextDecoder('latin1')
const utf8 = new TextDecoder('utf-8', { fatal: true })
const asked: readonly (readonly [matches: string, text: string])[] = [
  ['ssh.banner', 'OpenSSH_9.2p1 Debian-2+deb12u3'], ['http_header.server', 'nginx/1.22.1'], ['http_header.server', 'Nobody knows this/1.0'], ['html_title', 'A page of somebody'],
  ['snmp.sys_description', 'Linux box 6.1.0-13-amd64 #1 SMP'], ['favicon.md5', '00000000000000000000000000000000'], ['ftp.banner', 'ProFTPD Server ready.'],
]
const rounds = 2000

/** Runs the examples of the recog archive in the folder that the environment names (VIGIL_FEEDS) through our translation of its patterns, and times a lookup. */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  const root = process.env['VIGIL_FEEDS']
  if (root === undefined) throw new Error('VIGIL_FEEDS must name the folder that the feeds are in')
  const file = (await readdir(root, { recursive: true })).find((name) => recog.recognises(name)) ?? fail(root)
  const list: Fingerprint[] = []
  for await (const record of recog.read(await openFeedInput(join(root, file)))) if (record.record === 'fingerprint') list.push(record)
  const started = performance.now()
  const all = compileFingerprints(list)
  const unusable = all.unusable()
  tell(figure('making all patterns ready', performance.now() - started, 'ms', null, null))
  tell(figure('patterns', list.length, '', null, null))
  tell(figure('patterns that cannot be translated', unusable.length, '', 'none', unusable.length === 0))
  let examples = 0
  const wrong: string[] = []
  for (const fingerprint of list) {
    for (const example of fingerprint.examples) {
      examples += 1
      if (!textsOf(example).some((text) => holds(text))) wrong.push(`${fingerprint.file}#${fingerprint.order} ${JSON.stringify(example.text.slice(0, 80))}`)

      function holds(text: string): boolean {
        const found = all.find(fingerprint.matches, text)
        return found?.fingerprint === fingerprint && Object.entries(example.expect).every(([name, value]) => found.params.get(name) === value)
      }
    }
  }
  tell(figure('examples', examples, '', null, null))
  tell(figure(`examples as published${wrong.length === 0 ? '' : `, but for ${wrong.slice(0, 20).join('; ')}`}`, ((examples - wrong.length) / examples) * 100, '%', '≥ 99.5 %', wrong.length <= examples * 0.005))
  for (const [matches, text] of asked) {
    const from = performance.now()
    for (let round = 0; round < rounds; round++) all.find(matches, text)
    tell({ ...figure(`one lookup, ${matches} "${text}"`, ((performance.now() - from) / rounds) * 1000, 'µs', null, null), runs: rounds })
  }
}

/** Base64 stands for bytes, of which the source does not say what they are. */
function textsOf({ text, base64 }: Fingerprint['examples'][number]): readonly string[] {
  if (!base64) return [text]
  const bytes = Buffer.from(text, 'base64')
  try {
    return [utf8.decode(bytes), latin.decode(bytes)]
  } catch {
    return [latin.decode(bytes)]
  }
}

function fail(root: string): never {
  throw new Error(`there is no recog archive in ${root}`)
}

function figure(metric: string, value: number, unit: string, goal: string | null, holds: boolean | null): Figure {
  return { bench: 'fingerprints', metric, value, unit, peer: null, ratio: null, goal, holds, runs: 1 }
}
