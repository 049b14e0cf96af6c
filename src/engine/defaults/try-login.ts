import type { Evidence } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import { askHttp } from '../http/client.ts'
import { failed, type Failure } from '../net.ts'
import { textOf } from '../net/transcript.ts'
import type { Tools } from '../probe.ts'
import { readReply, say } from '../services/wire/reply.ts'
import { tlsNames } from '../target.ts'
import type { DefaultLogin, Pair } from './default-logins.ts'

/** `stop`: it looks like a lock or a brake: nobody tries on. `unasked`: it wants no login here, or of another kind. */
export type Outcome = Readonly<{ result: 'in' | 'refused' | 'stop' | 'unasked'; evidence?: Evidence }>

const braked = /lock(?:ed|out)|too many|blocked|throttl|rate.?limit|banned|try again later/i

export async function tryLogin(login: DefaultLogin, pair: Pair, at: Place, tls: boolean, tools: Tools): Promise<Outcome | Failure> {
  if (login.over === 'basic') return tryBasic(login, pair, at, tls, tools)
  const connection = await tools.net.connect({ address: at.address, port: at.port! }, tls ? { tls: tlsNames(tools) } : {})
  if (failed(connection)) return connection
  try {
    return await (login.over === 'redis' ? tryRedis(connection, pair) : tryFtp(connection, pair))
  } finally {
    connection.close()
  }
}

async function tryBasic(login: Extract<DefaultLogin, { over: 'basic' }>, [user, password]: Pair, at: Place, tls: boolean, tools: Tools): Promise<Outcome | Failure> {
  const answer = await askHttp(at, tls, { path: login.path, headers: { authorization: `Basic ${btoa(`${user}:${password}`)}` } }, tools)
  if (failed(answer)) return answer
  const { status, text, evidence } = answer
  if (status === 429 || status === 423 || status === 503 || ((status === 401 || status === 403) && braked.test(text))) return { result: 'stop', evidence }
  if (status === 401) return { result: 'refused', evidence }
  // Known, but without the right to see this page: the pair is good, and yet nothing proves it.
  if (status === 200 && login.proves.test(text)) return { result: 'in', evidence }
  return { result: 'unasked', evidence }
}

type Open = Extract<Awaited<ReturnType<Tools['net']['connect']>>, { close(): void }>

async function tryRedis(connection: Open, [, password]: Pair): Promise<Outcome | Failure> {
  connection.write(`AUTH ${password}\r\n`)
  const answer = await connection.read({ until: '\r\n', most: 1024 })
  if (failed(answer)) return answer
  const text = textOf(answer.bytes)
  const evidence = connection.evidence(`AUTH with a password from the handbook`)
  if (text.startsWith('+OK')) return { result: 'in', evidence }
  if (/^-(?:WRONGPASS|ERR invalid password)/.test(text)) return { result: 'refused', evidence }
  return { result: braked.test(text) ? 'stop' : 'unasked', evidence }
}

async function tryFtp(connection: Open, [user, password]: Pair): Promise<Outcome | Failure> {
  const greeting = await readReply(connection)
  if (failed(greeting)) return greeting
  if (greeting.code !== 220) return { result: 'stop', evidence: connection.evidence() }
  const asked = await say(connection, `USER ${user}`)
  if (failed(asked)) return asked
  if (asked.code !== 331) return { result: asked.code === 230 ? 'unasked' : asked.code === 421 ? 'stop' : 'refused', evidence: connection.evidence() }
  const answer = await say(connection, `PASS ${password}`)
  if (failed(answer)) return answer
  const evidence = connection.evidence(`login as ${user}`)
  connection.write('QUIT\r\n')
  if (answer.code === 230) return { result: 'in', evidence }
  return { result: answer.code === 421 || braked.test(answer.text) ? 'stop' : 'refused', evidence }
}
