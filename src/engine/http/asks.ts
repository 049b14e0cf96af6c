import { randomBytes } from 'node:crypto'
import { askKey, type Ask } from '#core/ask.ts'
import type { Observation } from '#core/observation.ts'
import type { Exchange, Proof } from '#core/proof.ts'
import type { Signature } from '#core/signature.ts'
import { failed } from '../net.ts'
import { Unseen, type Probe, type Sight, type Tools } from '../probe.ts'
import type { HttpAnswer } from './answer.ts'
import { httpClient, type HttpClient } from './client.ts'
import { alike, pageOf, wordsOf } from './page.ts'
import { webPlace } from './root.ts'

/** Requests of all signatures, an identical one once. */
export function poolAsks(signatures: readonly Signature[]): Tools['asks'] {
  const pool = new Map<string, { ask: Ask; signatures: number[] }>()
  for (const { id, ask } of signatures) {
    if (ask === undefined) continue
    // The filter is part of the key: what one signature would send to everybody, another sends to its product alone.
    const key = `${askKey(ask)}\n\n${[...(ask.only ?? [])].sort().join('\n')}`
    const known = pool.get(key)
    if (known === undefined) pool.set(key, { ask, signatures: [id] })
    else known.signatures.push(id)
  }
  return [...pool.values()]
}

const keys = new WeakMap<Ask, string>()

/** `askKey`, worked out once for all hosts of a scan. */
function keyOf(ask: Ask): string {
  const known = keys.get(ask)
  if (known !== undefined) return known
  const key = askKey(ask)
  keys.set(ask, key)
  return key
}

/** Answers in a row that took all the time there is for one, after which a server is not asked on: a hundred of them take minutes. */
const slowMost = 5

/** How the server answers a path that nobody has; `usual`: with a plain "not found". */
type Baseline = Readonly<{ status: number; words: ReadonlySet<string>; usual: boolean; exchange: Exchange }>

/**
 * The probe `http-ask`: sends the requests that signatures need to every web service, once each, and reports the answers that are not plainly
 * "not found". First it asks for two paths that nobody can have: a server that answers those as it answers a special path proves nothing by it
 * (`catchAll`).
 */
export const asks: Probe<'http'> = {
  id: 'http-ask',
  version: 1,
  on: 'http',
  effect: 'harmless',
  needs: {},
  wants: (seen: Observation<'http'>) => seen.data.ask === 'GET /' && seen.data.path === '/' && seen.by.startsWith('http@'),
  async *run(seen, tools, signal) {
    const { at } = seen
    const { tls } = seen.data
    yield { kind: 'asked', at, signatures: [] }
    const server = [seen.data.headers['server'], seen.data.headers['x-powered-by'], seen.data.title].join('\n').toLowerCase()
    // What has an open finding is asked whatever shows, or it would stay open for ever once its product no longer does.
    const wanted = tools.asks.filter(({ ask, signatures }) => ask.only === undefined || ask.only.some((name) => server.includes(name.toLowerCase())) || signatures.some((id) => tools.open.has(id)))
    if (wanted.length === 0) return
    const client = httpClient(at, tls, tools)
    const sent = new Map<string, boolean>()
    let lost: Unseen | null = null
    let answered = 0
    let slow = 0
    // Told now and then, since a look that breaks off has still asked what it asked, and each telling costs as much as a request.
    let asked: number[] = []
    const tell = (): Sight => {
      const signatures = asked
      asked = []
      return { kind: 'asked', at, signatures }
    }
    let trouble: unknown = null
    try {
      const absent = tools.variables?.['absent'] ?? randomBytes(9).toString('hex')
      const baselines = await baselinesOf(client, absent)
      for (const { ask, signatures } of wanted) {
        signal.throwIfAborted()
        const key = keyOf(ask)
        const before = sent.get(key)
        if (before !== undefined) {
          if (before) asked.push(...signatures)
          continue
        }
        if (slow >= slowMost) throw new Unseen('timeout', `${slowMost} answers in a row did not come in time, so that ${wanted.length - sent.size} requests were not sent`)
        const began = tools.now()
        const answer = await client.request(ask)
        slow = tools.now() - began >= tools.profile.limits.answer ? slow + 1 : 0
        sent.set(key, !failed(answer))
        if (failed(answer)) {
          lost = new Unseen(answer.failed, `${ask.method ?? 'GET'} ${ask.path}: ${answer.text}`)
          if (answer.failed === 'budget' || answer.failed === 'aborted' || answer.failed === 'refused') throw lost
          continue
        }
        answered += 1
        asked.push(...signatures)
        if (answer.status === 404 || answer.status === 410) continue
        yield tell()
        const catchAll = isCatchAll(ask, answer, baselines)
        yield { kind: 'http', at: webPlace(at, tools, ask.path), data: pageOf(answer, ask, key, tls, catchAll), evidence: answer.evidence, proof: proofOf(answer, baselines, absent) }
      }
    } catch (error) {
      trouble = error
    } finally {
      client.close()
    }
    if (asked.length > 0) yield tell()
    if (trouble !== null) throw trouble
    // A request that got no answer is not among the asked; it takes nothing from the others.
    if (lost !== null && answered === 0) throw lost
  },
}

/** `name`: what chance chose, or what it chose when the look is repeated over a proof. */
async function baselinesOf(client: HttpClient, name: string): Promise<readonly Baseline[]> {
  const baselines: Baseline[] = []
  for (const path of [`/${name}`, `/${name.slice(0, 6)}/${name.slice(6)}.txt`]) {
    const answer = await client.request({ path })
    if (failed(answer)) throw new Unseen(answer.failed, `a path that nobody has: ${answer.text}`)
    baselines.push({ status: answer.status, words: wordsOf(answer, path), usual: answer.status === 404 || answer.status === 410, exchange: answer.exchange('negative control: a path that nobody has') })
  }
  return baselines
}

function proofOf(answer: HttpAnswer, baselines: readonly Baseline[], absent: string): Proof {
  return { check: 'http-ask@1', exchanges: [answer.exchange()], control: baselines.map(({ exchange }) => exchange), matched: [], variables: { absent } }
}

/** A question about the server itself (its root, or by another method than reading) is not about a special path. */
function isCatchAll(ask: Ask, answer: HttpAnswer, baselines: readonly Baseline[]): boolean {
  if (ask.path === '/' || !['GET', 'HEAD', 'POST'].includes(ask.method ?? 'GET')) return false
  const words = wordsOf(answer, ask.path)
  return baselines.some((baseline) => !baseline.usual && baseline.status === answer.status && (ask.method === 'HEAD' || alike(words, baseline.words)))
}
