import { createHash } from 'node:crypto'
import { askKey, type Ask } from '#core/ask.ts'
import type { Observation } from '#core/observation.ts'
import { failed, type Failure } from '../net.ts'
import { Unseen, type Probe, type Tools } from '../probe.ts'
import { answerOf } from './client.ts'
import { faviconHash } from './favicon.ts'
import { pageOf } from './page.ts'
import { sameService, webPlace } from './root.ts'
import { openHttpSession } from './session.ts'
import type { HttpExchange } from './wire.ts'

/** Bytes of an icon; a longer one is not hashed, since a part has another hash. */
const most = 65_536
const longestTag = 1000
const usual = '/favicon.ico'

/**
 * The probe `icon`: fetches the icon that a root page names, or the usual one, once. Products ship with icons that hardly anybody changes: its hashes tell what a page behind a
 * login does not say. What is no picture (a page for every path) is not reported.
 */
export const icon: Probe<'http'> = {
  id: 'icon',
  version: 1,
  on: 'http',
  effect: 'harmless',
  needs: {},
  // A redirect shows nothing yet: the page it leads to is looked at too.
  wants: (seen: Observation<'http'>, profile) => profile.fragile !== true && seen.by.startsWith('http@') && (seen.data.status < 300 || seen.data.status >= 400),
  async *run(seen, tools) {
    const { tls, body, path } = seen.data
    const { path: _path, host: _host, ...at } = seen.at
    const address = iconAddress(body)
    const target = sameService(address ?? undefined, path, { at, data: { tls } }, tools) ?? usual
    const answer = await fetched(at, tls, target, tools)
    if (failed(answer)) throw new Unseen(answer.failed, `GET ${target}: ${answer.text}`)
    if (answer.status !== 200 || answer.cut || !isPicture(answer.body)) return
    const ask: Ask = { path: target }
    const whole = answerOf(answer)
    yield {
      kind: 'http', at: webPlace(at, tools, target), evidence: whole.evidence,
      data: { ...pageOf(whole, ask, askKey(ask), tls, false), title: null, body: '', icon: { md5: createHash('md5').update(answer.body).digest('hex'), mmh3: faviconHash(answer.body) } },
      proof: { check: 'icon@1', exchanges: [answer.exchange()], control: [], controlNote: 'an icon is known by its bytes; there is nothing to compare it with', matched: [] },
    }
  },
}

async function fetched(at: Observation['at'], tls: boolean, target: string, tools: Tools): Promise<HttpExchange | Failure> {
  const session = openHttpSession(at, tls, tools)
  try {
    return await session.exchange({ method: 'GET', target, bodyMost: most, shared: true })
  } finally {
    session.close()
  }
}

/** Where a page says its icon is, as it writes it: the first `<link rel="icon">` or `rel="shortcut icon"`. */
export function iconAddress(html: string): string | null {
  const lower = html.toLowerCase()
  let tags = 0
  for (let at = lower.indexOf('<link'); at >= 0 && tags < 64; at = lower.indexOf('<link', at + 5)) {
    tags += 1
    const tag = html.slice(at, at + longestTag)
    const end = tag.indexOf('>')
    const inside = end < 0 ? tag : tag.slice(0, end)
    const address = valueIn(inside, /\shref\s*=\s*(?:"([^"]+)"|'([^']+)'|([^\s"'>]+))/i)
    if (address !== null && /(?:^|\s)icon(?:\s|$)/i.test(valueIn(inside, /\srel\s*=\s*(?:"([^"]+)"|'([^']+)'|([^\s"'>]+))/i) ?? '')) return address.replaceAll('&amp;', '&').trim()
  }
  return null
}

function valueIn(tag: string, pattern: RegExp): string | null {
  const found = pattern.exec(tag)
  return found?.[1] ?? found?.[2] ?? found?.[3] ?? null
}

const pictures: readonly string[] = ['\0\0\x01\0', '\0\0\x02\0', '\x89PNG', 'GIF8', '\xff\xd8\xff', 'BM']

/** ICO, PNG, GIF, JPEG, BMP, WebP or SVG. */
function isPicture(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 512)).toString('latin1')
  if (pictures.some((magic) => start.startsWith(magic)) || (start.startsWith('RIFF') && start.startsWith('WEBP', 8))) return true
  return /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[^]{0,300}?-->\s*)?(?:<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i.test(start)
}
