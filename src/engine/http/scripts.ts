import { askKey, type Ask } from '#core/ask.ts'
import type { Observation } from '#core/observation.ts'
import { failed } from '../net.ts'
import { Unseen, type Probe } from '../probe.ts'
import { httpClient } from './client.ts'
import { pageOf } from './page.ts'
import { sameService, webPlace } from './root.ts'

/** Scripts fetched of one page. More than that are an application's own pieces, not libraries. */
const most = 16
/** Characters kept of a script: libraries name themselves at their top, and every page of an organisation would keep a copy. */
const kept = 16_384
const longestTag = 1000

/**
 * The probe `script`: fetches the scripts that a root page loads from its own server, so that client-side libraries are known by what they are and not by
 * what their file is called. Each is an `http` observation at its own path.
 */
export const scripts: Probe<'http'> = {
  id: 'script',
  version: 1,
  on: 'http',
  effect: 'harmless',
  needs: {},
  wants: (seen: Observation<'http'>, profile) => profile.fragile !== true && seen.by.startsWith('http@') && seen.data.status < 400 && seen.data.body.includes('<script'),
  async *run(seen, tools, signal) {
    const { tls, body, path } = seen.data
    const { path: _path, host: _host, ...at } = seen.at
    const paths = new Set(addressesOf(body).map((address) => sameService(address, path, { at, data: { tls } }, tools)).filter((one) => one !== null))
    if (paths.size === 0) return
    const client = httpClient(at, tls, tools)
    let lost: Unseen | null = null
    try {
      for (const each of [...paths].slice(0, most)) {
        signal.throwIfAborted()
        const ask: Ask = { path: each }
        const answer = await client.request(ask)
        if (failed(answer)) {
          lost = new Unseen(answer.failed, `GET ${each}: ${answer.text}`)
          if (answer.failed === 'budget' || answer.failed === 'aborted' || answer.failed === 'refused') throw lost
          continue
        }
        if (answer.status !== 200 || !isScript(answer.headers['content-type'] ?? '')) continue
        const data = pageOf(answer, ask, askKey(ask), tls, false)
        yield { kind: 'http', at: webPlace(at, tools, each), data: { ...data, title: null, body: data.body.slice(0, kept) }, evidence: answer.evidence }
      }
    } finally {
      client.close()
    }
    if (lost !== null) throw lost
  },
}

function isScript(contentType: string): boolean {
  return /^(?:application|text)\/(?:x-)?(?:java|ecma)script\b/i.test(contentType.trim())
}

/** Addresses of a page's scripts, as it writes them. */
export function addressesOf(html: string): readonly string[] {
  const addresses: string[] = []
  const lower = html.toLowerCase()
  for (let at = lower.indexOf('<script'); at >= 0 && addresses.length < 64; at = lower.indexOf('<script', at + 7)) {
    const tag = html.slice(at, at + longestTag)
    const end = tag.indexOf('>')
    const found = /\ssrc\s*=\s*(?:"([^"]+)"|'([^']+)'|([^\s"'>]+))/i.exec(end < 0 ? tag : tag.slice(0, end))
    const address = found?.[1] ?? found?.[2] ?? found?.[3]
    if (address !== undefined) addresses.push(address.replaceAll('&amp;', '&').trim())
  }
  return addresses
}
