import type { Text } from '../dsl.ts'
import { parseText } from '../parse-text.ts'
import type { HttpBlock, HttpRequestPlan } from '../plan.ts'
import { expression, fieldsOf, isTrue, knownFields, listOf, numberOf, refuse, scalarOf, template, textsOf, wordOf, type Fields } from './fields.ts'
import { judgedFields, judgedOf, type Judged } from './operators.ts'
import { payloadsOf, type FileOf } from './payloads.ts'

const known = new Set([
  ...judgedFields, 'name', 'method', 'path', 'raw', 'headers', 'body', 'payloads', 'attack', 'threads', 'redirects', 'host-redirects', 'max-redirects', 'cookie-reuse', 'disable-cookie', 'req-condition',
  'stop-at-first-match', 'unsafe', 'max-size', 'pipeline', 'pipeline-concurrent-connections', 'pipeline-requests-per-connection', 'race', 'race_count', 'skip-variables-check', 'iterate-all', 'digest-username',
  'digest-password', 'disable-path-automerge', 'global-matchers', 'pre-condition', 'pre-condition-operator', 'fuzzing', 'read-all', 'signature', 'self-contained',
])
const mostRedirects = 10
/** Bytes of a body that are looked at where the template does not say. */
const bodyMost = 4 * 1024 * 1024

export function httpBlock(value: unknown, files: FileOf): HttpBlock {
  const block = knownFields(value, 'a request', known)
  if (block.fuzzing !== undefined) refuse('fuzzing', 'changes requests that a crawler found: work for the web scanner')
  if (isTrue(block['self-contained'])) refuse('self-contained', 'does not speak to the target')
  if (block.signature !== undefined) refuse('signature', 'signs requests with an account of a cloud')
  if (isTrue(block.race) || isTrue(block.pipeline)) refuse('race', 'sends many requests at the same instant')
  const judged = judgedOf(block)
  const isGlobal = isTrue(block['global-matchers'])
  const requests = requestsOf(block)
  if (requests.length === 0 && !isGlobal) refuse('field', 'a request without path and raw')
  const user = scalarOf(block['digest-username'])
  return {
    ...judged, protocol: 'http', requests, payloads: payloadsOf(block, files),
    redirects: { follow: isTrue(block.redirects) ? 'scope' : isTrue(block['host-redirects']) ? 'host' : 'never', most: Math.max(0, Math.min(50, numberOf(block['max-redirects'], mostRedirects))) },
    cookies: !isTrue(block['disable-cookie']), stopAtFirst: isTrue(block['stop-at-first-match']), bodyMost: Math.max(1, Math.min(bodyMost, numberOf(block['max-size'], bodyMost))),
    together: isTrue(block['req-condition']) || namesAnswers(judged), global: isGlobal, sendUnresolved: isTrue(block['skip-variables-check']), joinPath: !isTrue(block['disable-path-automerge']),
    readAll: isTrue(block['read-all']), iterateAll: isTrue(block['iterate-all']),
    ...(user === null ? {} : { digest: { user: parseText(user), password: template(block['digest-password']) } }), ...beforeOf(block),
  }
}

/** `pre-condition`: matchers over the variables, of which only expressions make sense. */
function beforeOf(block: Fields): Pick<HttpBlock, 'before'> | null {
  const parts = listOf(block['pre-condition']).map(fieldsOf)
  if (parts.length === 0) return null
  const of = parts.flatMap((part) => (scalarOf(part.type) === 'dsl' ? textsOf(part.dsl) : refuse('field', 'a pre-condition that is no expression'))).map(expression)
  const within = wordOf(parts[0]!.condition, ['and', 'or'] as const, 'or', 'condition')
  return { before: { of, condition: parts.length > 1 ? wordOf(block['pre-condition-operator'], ['and', 'or'] as const, 'or', 'pre-condition-operator') : within } }
}

function requestsOf(block: Fields): readonly HttpRequestPlan[] {
  const raw = textsOf(block.raw)
  if (raw.length > 0) return raw.map((text) => rawRequest(text, isTrue(block.unsafe)))
  const method = (scalarOf(block.method)?.trim() || 'GET').toUpperCase()
  if (!/^[A-Z]{1,20}$/.test(method)) refuse('field', `the method ${method.slice(0, 40)}`)
  const headers = Object.entries(fieldsOf(block.headers)).map(([name, value]) => [name, template(value)] as const)
  const body = scalarOf(block.body)
  return textsOf(block.path).map((path) => ({ kind: 'path', method, path: parseText(path), headers, body: body === null ? null : parseText(body) }))
}

/** Lines that start with @ stand before the request and are not sent. */
function rawRequest(text: string, unsafe: boolean): HttpRequestPlan {
  let rest = text.replace(/^\s+/, '')
  let timeout: number | undefined
  let host: Text | undefined
  let serverName: Text | undefined
  let once = false
  for (let line = /^@([A-Za-z-]+)[ \t]*:?[ \t]*([^\r\n]*)(?:\r?\n|$)/.exec(rest); line !== null; line = /^@([A-Za-z-]+)[ \t]*:?[ \t]*([^\r\n]*)(?:\r?\n|$)/.exec(rest)) {
    const value = line[2]!.trim()
    if (line[1] === 'timeout') timeout = secondsOf(value)
    else if (line[1] === 'Host') host = parseText(value)
    else if (line[1] === 'tls-sni') serverName = parseText(value)
    else if (line[1] === 'once') once = true
    else refuse('field', `the annotation @${line[1]!.slice(0, 40)}`)
    rest = rest.slice(line[0].length).replace(/^\s+/, '')
  }
  if (rest === '') refuse('field', 'a raw request without text')
  return {
    kind: 'raw', text: parseText(rest), unsafe, once, ...(timeout === undefined ? {} : { timeout }), ...(host === undefined ? {} : { host }), ...(serverName === undefined ? {} : { serverName }),
  }
}

function secondsOf(text: string): number {
  const found = /^(\d+(?:\.\d+)?)\s*(ms|s|m)?$/.exec(text) ?? refuse('field', `@timeout ${text.slice(0, 40)}`)
  return Number(found[1]) * (found[2] === 'ms' ? 0.001 : found[2] === 'm' ? 60 : 1)
}

const numbered = /[a-z]_\d+\b/i

/** Whether what a block looks for names an answer by its number, which nuclei takes for `req-condition`. */
function namesAnswers({ matchers, extractors }: Judged): boolean {
  return [...matchers, ...extractors].some((one) => numbered.test(one.part) || (one.type === 'dsl' && numbered.test(JSON.stringify(one.of))))
}
