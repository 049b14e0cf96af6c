import type { Fields } from '../value/json-value.ts'
import { fieldsOf, listOf } from '../value/json-value.ts'

/** Sections of the language that send something or look at something. `network` and `requests` are older names. */
const sections: Readonly<Record<string, string>> = {
  http: 'http', requests: 'http', tcp: 'tcp', network: 'tcp', dns: 'dns', ssl: 'ssl', headless: 'headless', file: 'file', code: 'code', javascript: 'javascript',
  workflows: 'workflows', websocket: 'websocket', whois: 'whois',
}

export function protocolsOf(template: Fields): readonly string[] {
  return [...new Set(Object.keys(template).filter((key) => Object.hasOwn(sections, key)).map((key) => sections[key]!))]
}

/** Requests of one protocol. */
export function requestsOf(template: Fields, protocol: string): readonly Fields[] {
  return Object.keys(template).filter((key) => Object.hasOwn(sections, key) && sections[key] === protocol).flatMap((key) => listOf(template[key], 1000).map(fieldsOf))
}

const modules = /require\(['"]nuclei\/([a-z0-9]+)['"]\)/g
/** Names followed by a bracket inside an expression. */
const calls = /\b([a-z][a-z0-9_]{1,40})\s*\(/g
const plainPath = /^\.?[\w.[\]"'-]*$/

/**
 * What an engine must be able to do for a template, in words of one kind each:
 * `raw`, `multi` (several requests that depend on each other), `internal` (extractors that feed later requests), `payloads`, `attack:pitchfork`, `payload-file`,
 * `flow`, `oob`, `unsafe`, `fuzzing`, `headless`, `self-contained`, `redirects`, `digest-auth`, `global-matchers`, `pre-condition`, `jq`, `xpath`, `race`,
 * `matcher:…`, `extractor:…`, `annotation:timeout`, `dsl:md5`, `js:net`, `code:bash`.
 */
export function featuresOf(template: Fields, text: string): readonly string[] {
  const found = new Set<string>()
  if (typeof template.flow === 'string') found.add('flow')
  if (template['self-contained'] === true) found.add('self-contained')
  if (text.includes('interactsh')) found.add('oob')
  if (template.variables !== undefined) found.add('variables')
  for (const annotation of ['timeout', 'Host', 'tls-sni', 'once']) if (text.includes(`@${annotation}`)) found.add(`annotation:${annotation.toLowerCase()}`)
  for (const protocol of protocolsOf(template)) {
    const requests = requestsOf(template, protocol)
    if (protocol === 'headless') found.add('headless')
    if (protocol === 'http' && requests.length > 1) found.add('multi')
    for (const request of requests) requestFeatures(protocol, request, found)
  }
  for (const module of text.matchAll(modules)) found.add(`js:${module[1]}`)
  for (const expression of expressionsOf(template, text)) for (const call of expression.matchAll(calls)) if (helpers.has(call[1]!)) found.add(`dsl:${call[1]}`)
  return [...found].sort()
}

function requestFeatures(protocol: string, request: Fields, found: Set<string>): void {
  const raw = listOf(request.raw)
  if (raw.length > 0) found.add('raw')
  if (raw.length > 1 || listOf(request.path).length > 1) found.add(raw.length > 1 || request['req-condition'] === true ? 'multi' : 'paths')
  if (request['req-condition'] === true) found.add('multi')
  for (const [field, feature] of flags) if (request[field] === true) found.add(feature)
  if (request.fuzzing !== undefined) found.add('fuzzing')
  if (request['pre-condition'] !== undefined) found.add('pre-condition')
  if (request['digest-username'] !== undefined) found.add('digest-auth')
  if (protocol === 'code') for (const engine of listOf(request.engine)) if (typeof engine === 'string') found.add(`code:${engine.slice(0, 20)}`)
  const payloads = fieldsOf(request.payloads)
  if (Object.keys(payloads).length > 0) {
    found.add('payloads')
    found.add(`attack:${typeof request.attack === 'string' ? request.attack.slice(0, 20) : 'batteringram'}`)
    if (payloadFiles(request).length > 0) found.add('payload-file')
  }
  for (const matcher of listOf(request.matchers).map(fieldsOf)) {
    if (typeof matcher.type === 'string') found.add(`matcher:${matcher.type.slice(0, 20)}`)
    if (matcher.internal === true) found.add('internal-matcher')
  }
  for (const extractor of listOf(request.extractors).map(fieldsOf)) {
    if (typeof extractor.type === 'string') found.add(`extractor:${extractor.type.slice(0, 20)}`)
    if (extractor.internal === true) found.add('internal')
    if (extractor.type === 'json' && listOf(extractor.json).some((path) => typeof path === 'string' && !plainPath.test(path.replaceAll('[]', '')))) found.add('jq')
  }
}

const flags: readonly (readonly [string, string])[] = [
  ['unsafe', 'unsafe'], ['redirects', 'redirects'], ['host-redirects', 'redirects'], ['global-matchers', 'global-matchers'], ['race', 'race'], ['pipeline', 'pipeline'],
]

/** Payload lists that lie in files of their own. */
export function payloadFiles(request: Fields): readonly string[] {
  return Object.values(fieldsOf(request.payloads)).filter((value): value is string => typeof value === 'string')
}

/** Everything that is an expression: `{{…}}` anywhere, dsl matchers and extractors, conditions. */
function expressionsOf(template: Fields, text: string): readonly string[] {
  const found = [...text.matchAll(/\{\{([^{}]{1,1000})\}\}/g)].map((part) => part[1]!)
  for (const protocol of protocolsOf(template)) {
    for (const request of requestsOf(template, protocol)) {
      const parts = [...listOf(request.matchers), ...listOf(request.extractors), fieldsOf(request['pre-condition']), ...listOf(request['pre-condition'])]
      for (const part of parts) for (const line of listOf(fieldsOf(part).dsl)) if (typeof line === 'string') found.push(line.slice(0, 10_000).replace(/"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g, '""'))
    }
  }
  return found
}

/** Functions of the expression language. Only these are features; any other name before a bracket is text. */
const helpers = new Set((
  'aes_cbc aes_gcm base64 base64_decode base64_py bin_to_dec compare_versions concat contains contains_all contains_any count_words date_time dec_to_hex ends_with equals_any generate_dns_message '
  + 'generate_java_gadget generate_jwt generate_xxe gzip gzip_decode hex_decode hex_encode hex_to_dec hmac html_escape html_unescape index ip_format jarm join json_minify json_prettify len '
  + 'line_ends_with line_starts_with llm_prompt md5 mmh3 oct_to_dec padding print_debug public_ip rand_base rand_char rand_int rand_ip rand_text_alpha rand_text_alphanumeric rand_text_numeric regex '
  + 'regex_all regex_any remove_bad_chars repeat replace replace_regex resolve reverse sha1 sha256 sha512 sort split starts_with substr to_lower to_number to_string to_title to_unix_time to_upper '
  + 'tolower toupper trim trim_left trim_prefix trim_right trim_space trim_suffix uniq unix_time unpack unzip url_decode url_encode wait_for xor zip zlib zlib_decode'
).split(' '))
