import { askKey, type Ask } from '#core/ask.ts'
import type { Observation } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import type { Proof } from '#core/proof.ts'
import { failed } from '../net.ts'
import { Unseen, type Probe, type Tools } from '../probe.ts'
import type { HttpAnswer } from './answer.ts'
import { httpClient } from './client.ts'
import { pageOf } from './page.ts'

/** Redirects followed from the root page, on the same host and port alone. */
const hops = 3

/**
 * The probe `http`: fetches the root page of a service named `http`, and where it redirects to a page of the same service, that page too. Each is an
 * `http` observation; `catchAll` is false, since a root page is always meant.
 */
export const rootPage: Probe<'service'> = {
  id: 'http',
  version: 1,
  on: 'service',
  effect: 'harmless',
  needs: {},
  // Services found on top of HTTP are reported under other names or by other probes: the page is fetched once.
  wants: (seen: Observation<'service'>) => seen.data.name === 'http' && seen.at.proto === 'tcp' && seen.by.startsWith('service@'),
  async *run(seen, tools, signal) {
    const client = httpClient(seen.at, seen.data.tls, tools)
    try {
      let path = '/'
      const been = new Set<string>()
      for (let hop = 0; hop <= hops; hop++) {
        signal.throwIfAborted()
        been.add(path)
        const ask: Ask = { path }
        const answer = await client.request(ask, true)
        if (failed(answer)) {
          if (hop === 0) throw new Unseen(answer.failed, answer.text)
          return
        }
        yield { kind: 'http', at: webPlace(seen.at, tools, path), data: pageOf(answer, ask, askKey(ask), seen.data.tls, false), evidence: answer.evidence, proof: proofOf(answer) }
        const next = answer.status >= 300 && answer.status < 400 ? sameService(answer.headers['location'], path, seen, tools) : null
        if (next === null || been.has(next)) return
        path = next
      }
    } finally {
      client.close()
    }
  },
}

function proofOf(answer: HttpAnswer): Proof {
  return { check: 'http@1', exchanges: [answer.exchange()], control: [], controlNote: 'a root page is what the server shows of itself; there is nothing to compare it with', matched: [] }
}

/** The host name counts: two virtual hosts on one port are two services. */
export function webPlace(at: Place, tools: Tools, path: string): Place {
  const name = tools.names[0]
  return { ...at, ...(name === undefined ? {} : { host: name }), path }
}

/** Path of a redirect, or of what a page loads, that stays on the scheme, host and port; null for any other. */
export function sameService(location: string | undefined, path: string, seen: Readonly<{ at: Place; data: Readonly<{ tls: boolean }> }>, tools: Tools): string | null {
  if (location === undefined || location.length > 2048) return null
  const scheme = seen.data.tls ? 'https' : 'http'
  const host = seen.at.address.includes(':') ? `[${seen.at.address}]` : seen.at.address
  const base = `${scheme}://${tools.names[0] ?? host}:${seen.at.port}`
  if (!URL.canParse(location, `${base}${path}`)) return null
  const to = new URL(location, `${base}${path}`)
  const ours = [host, ...tools.names].map((name) => name.toLowerCase())
  const port = to.port === '' ? (to.protocol === 'https:' ? 443 : 80) : Number(to.port)
  return to.protocol === `${scheme}:` && ours.includes(to.hostname.toLowerCase()) && port === seen.at.port ? `${to.pathname}${to.search}` : null
}
