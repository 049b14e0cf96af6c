import { Agent, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Registry } from 'prom-client'
import { createLog } from '#api/log.ts'
import { buildServer } from '#api/server.ts'
import { emptyKnowledge } from '#knowledge/empty.ts'
import { loadKnowledge } from '#platform/kb/release.ts'
import { createTenant } from '#platform/tenant/tenant.ts'
import { createAccount } from '#platform/user/account.ts'
import { createIdentity } from '#platform/user/identity.ts'
import { hashPassword } from '#platform/user/password.ts'
import type { OpenStore } from '#store/open.ts'
import type { Figure } from '../src/command/bench.ts'
import { fillPages } from './pages/fill.ts'
import { inStore } from './store.ts'
import { percentile } from './statistics.ts'

const tenants = 50
const findings = Number(process.env['VIGIL_BENCH_FINDINGS'] ?? 1_000_000)
const rounds = 4
const goal = 50

/**
 * Lists, facets and the dashboard over HTTP with 1,000,000 findings in 50 tenants of unequal size (the largest holds about an eighth), in an embedded
 * database: each page of every tenant's, one request at a time.
 */
export async function bench(tell: (figure: Figure) => void): Promise<void> {
  await inStore('pages', (opened) => run(opened, tell))
}

async function run(opened: OpenStore, tell: (figure: Figure) => void): Promise<void> {
  const { store } = opened
  await loadKnowledge(store, fileURLToPath(new URL('../content', import.meta.url)), Date.now)
  const passwordHash = await hashPassword('gently-paddling-otters')
  const people = await store.platform(async (tx) => {
    const made: { email: string; tenant: string }[] = []
    for (let n = 0; n < tenants; n++) {
      const email = `bench-${n}@example.org`
      const id = await createAccount(tx, { name: `Person ${n}`, email, passwordHash }, new Date())
      made.push({ email, tenant: await createTenant(tx, { name: `Organisation ${n}`, manager: { id, name: `Person ${n}`, email }, ip: null }, new Date(), []) })
    }
    return made
  })
  await fillPages(opened.owner, people.map((person) => person.tenant), findings)
  const origin = 'http://localhost:8443'
  const app = await buildServer({
    store, identity: createIdentity({ store, origin, secret: 'a secret of the benchmark, long enough' }), log: createLog({ to: { write: () => {} } }), knowledge: () => emptyKnowledge, now: Date.now, metrics: new Registry(),
    config: { version: 'bench', origin, console: null, rate: 0 },
  })
  const agent = new Agent({ keepAlive: true })
  try {
    await app.listen({ host: '127.0.0.1', port: 0 })
    const port = (app.server.address() as AddressInfo).port
    const call = caller(agent, port)
    const cookies: string[] = []
    for (const { email } of people) {
      const answer = await call('POST', '/api/v1/identity/sign-in', { origin }, JSON.stringify({ email, password: 'gently-paddling-otters' }))
      cookies.push(answer.cookie)
    }
    for (const [metric, path, most] of pages) {
      const times: number[] = []
      const largest: number[] = []
      for (let round = -1; round < rounds; round++) {
        for (const [place, cookie] of cookies.entries()) {
          const taken = await timed(call, path, most, { cookie, origin })
          // The first round warms caches and prepared statements, as a day's first visitor would.
          if (round >= 0) times.push(...taken)
          if (round >= 0 && place === 0) largest.push(...taken)
        }
      }
      const p95 = percentile(times, 0.95)
      tell({ bench: 'pages', metric: `${metric}, p95`, value: p95, unit: 'ms', peer: null, ratio: null, goal: `< ${goal} ms`, holds: p95 < goal, runs: times.length })
      tell({ bench: 'pages', metric: `${metric}, p95 of the largest tenant`, value: percentile(largest, 0.95), unit: 'ms', peer: null, ratio: null, goal: null, holds: null, runs: largest.length })
    }
  } finally {
    agent.destroy()
    await app.close()
  }
}

/** What it shows, its path, and how many pages are read one after the other. */
const pages: readonly (readonly [string, string, number])[] = [
  ['findings, the worst first', '/findings?', 3],
  ['findings, severity 4 and more', `/findings?sort=-severity&q=${encodeURIComponent('severity:>=4')}`, 3],
  ['findings, the newest first', '/findings?sort=-firstFound', 3],
  ['findings, last seen first', '/findings?sort=-lastFound', 3],
  ['findings, fixed ones', `/findings?sort=-lastFound&q=${encodeURIComponent('status:fixed')}`, 3],
  ['findings by port and text', `/findings?q=${encodeURIComponent('port:443 "certificate"')}`, 3],
  ['findings by block', `/findings?q=${encodeURIComponent('host:127.1.0.0/20')}`, 3],
  ['findings by CVE', `/findings?q=${encodeURIComponent('cve:CVE-2024-*')}`, 3],
  ['findings, filters combined', `/findings?sort=-lastFound&q=${encodeURIComponent('severity:>=3 port:443 os:debian first:<90d host:127.1.0.0/20')}`, 3],
  ['findings, twenty pages deep', '/findings?sort=-lastFound', 20],
  ['findings, exploited ones', `/findings?q=${encodeURIComponent('exploited:yes')}`, 3],
  ['findings of a search list', `/findings?q=${encodeURIComponent('list:"Urgent and critical"')}`, 3],
  ['findings, nothing matches', `/findings?q=${encodeURIComponent('"there is no such thing"')}`, 1],
  ['facets of findings', '/findings/facets', 1],
  ['hosts, the riskiest first', '/assets?', 3],
  ['hosts by port and name', `/assets?sort=name&q=${encodeURIComponent('port:22 name:host-1*')}`, 3],
  ['facets of hosts', '/assets/facets', 1],
  ['dashboard', '/dashboard', 1],
  ['search lists', '/search-lists', 1],
  ['KnowledgeBase', '/kb?', 3],
]

type Call = (method: string, path: string, headers: Readonly<Record<string, string>>, body?: string) => Promise<Readonly<{ body: string; cookie: string; ms: number }>>

async function timed(call: Call, path: string, most: number, headers: Readonly<Record<string, string>>): Promise<number[]> {
  const times: number[] = []
  let after = ''
  for (let page = 0; page < most; page++) {
    const answer = await call('GET', `/api/v1${path}${after}`, headers)
    times.push(answer.ms)
    const { next } = JSON.parse(answer.body) as { next?: string | null }
    if (typeof next !== 'string') break
    after = `${path.endsWith('?') ? '' : '&'}after=${next}`
  }
  return times
}

function caller(agent: Agent, port: number): Call {
  return (method, path, headers, body) =>
    new Promise((resolve, reject) => {
      const begun = performance.now()
      const call = request({ agent, host: '127.0.0.1', port, method, path, headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) } }, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('end', () => {
          const text = Buffer.concat(parts).toString()
          if ((answer.statusCode ?? 500) >= 300) return reject(new Error(`${method} ${path} answered ${answer.statusCode}: ${text.slice(0, 300)}`))
          resolve({ body: text, cookie: (answer.headers['set-cookie'] ?? []).map((one) => one.split(';')[0]).join('; '), ms: performance.now() - begun })
        })
        answer.on('error', reject)
      })
      call.on('error', reject)
      call.end(body)
    })
}
