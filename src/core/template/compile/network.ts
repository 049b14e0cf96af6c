import type { Text } from '../dsl.ts'
import { parseText } from '../parse-text.ts'
import type { DnsBlock, ScriptBlock, SslBlock, TcpBlock } from '../plan.ts'
import { fieldsOf, isTrue, knownFields, listOf, numberOf, refuse, scalarOf, template, textsOf, wordOf } from './fields.ts'
import { hexBytes, judgedFields, judgedOf } from './operators.ts'
import { payloadsOf, type FileOf } from './payloads.ts'
import { checkScript } from './script-modules.ts'

const tcpFields = new Set([...judgedFields, 'host', 'address', 'port', 'exclude-ports', 'inputs', 'read-size', 'read-all', 'payloads', 'attack', 'threads', 'stop-at-first-match'])
const inputFields = new Set(['data', 'type', 'read', 'name'])
const dnsFields = new Set([...judgedFields, 'name', 'type', 'class', 'recursion', 'retries', 'trace', 'payloads', 'attack', 'threads', 'stop-at-first-match'])
const sslFields = new Set([...judgedFields, 'address', 'min_version', 'max_version', 'cipher_suites', 'scan_mode', 'tls_version_enum', 'tls_cipher_enum'])
const scriptFields = new Set([...judgedFields, 'code', 'pre-condition', 'init', 'args', 'payloads', 'attack', 'threads', 'stop-at-first-match', 'port', 'exclude-ports'])
const read = 1024
const mostRead = 1024 * 1024

export function tcpBlock(value: unknown, files: FileOf): TcpBlock {
  const block = knownFields(value, 'a connection', tcpFields)
  const addresses = textsOf(block.host ?? block.address).map(parseText)
  if (addresses.length === 0) refuse('field', 'a connection without a host')
  return {
    ...judgedOf(block), protocol: 'tcp', addresses, ports: portsOf(block.port), inputs: listOf(block.inputs).map(inputOf), read: bytes(block['read-size'], read), readAll: isTrue(block['read-all']),
    payloads: payloadsOf(block, files), stopAtFirst: isTrue(block['stop-at-first-match']),
  }
}

function inputOf(value: unknown): TcpBlock['inputs'][number] {
  const input = knownFields(value, 'an input', inputFields)
  const hex = wordOf(input.type, ['hex', 'text', ''] as const, '', 'an input of the type') === 'hex'
  const data = scalarOf(input.data) ?? ''
  const name = scalarOf(input.name)
  const text: Text = hex && !data.includes('{{') && data !== '' ? hexBytes(data) : parseText(data)
  // Hex with something to work out in it is put together first and read as hex then.
  return { data: text, hex: hex && typeof text !== 'string', read: bytes(input.read, 0), ...(name === null ? {} : { name }) }
}

function bytes(value: unknown, otherwise: number): number {
  return Math.max(0, Math.min(mostRead, numberOf(value, otherwise)))
}

/** `22`, `22,2222`; what is worked out names no port of its own. */
export function portsOf(value: unknown): readonly number[] {
  return listOf(value).flatMap((one) => (scalarOf(one) ?? '').split(',')).map((one) => one.trim()).filter((one) => /^\d{1,5}$/.test(one)).map(Number).filter((port) => port > 0 && port < 65_536)
}

const dnsTypes = ['a', 'ns', 'ds', 'cname', 'soa', 'ptr', 'mx', 'txt', 'aaaa', 'caa', 'tlsa', 'any', 'srv', 'axfr'] as const

export function dnsBlock(value: unknown, files: FileOf): DnsBlock {
  const block = knownFields(value, 'a DNS request', dnsFields)
  const type = wordOf(block.type, dnsTypes, 'a', 'a DNS request of the type')
  if (type === 'axfr') refuse('field', 'a DNS request of the type axfr')
  return {
    ...judgedOf(block), protocol: 'dns', domain: template(block.name ?? '{{FQDN}}'), type: type.toUpperCase(),
    class: wordOf(block.class, ['inet', 'csnet', 'chaos', 'hesiod', 'none', 'any'] as const, 'inet', 'class'), recursion: block.recursion === undefined || isTrue(block.recursion),
    retries: Math.max(0, Math.min(10, numberOf(block.retries, 3))), trace: isTrue(block.trace), payloads: payloadsOf(block, files), stopAtFirst: isTrue(block['stop-at-first-match']),
  }
}

export function sslBlock(value: unknown): SslBlock {
  const block = knownFields(value, 'a TLS request', sslFields)
  // An authority would have to be asked, and nobody but the target is.
  if (/\brevoked\b/.test(JSON.stringify([block.matchers, block.extractors]))) refuse('revocation', 'asks an authority whether a certificate was revoked')
  const least = scalarOf(block.min_version)
  const most = scalarOf(block.max_version)
  const ciphers = textsOf(block.cipher_suites)
  const enumerate = { versions: isTrue(block.tls_version_enum), ciphers: isTrue(block.tls_cipher_enum) }
  return {
    ...judgedOf(block), protocol: 'ssl', address: template(block.address ?? '{{Host}}:{{Port}}'), ...(least === null ? {} : { minVersion: least }), ...(most === null ? {} : { maxVersion: most }),
    ...(ciphers.length === 0 ? {} : { ciphers }), ...(enumerate.versions || enumerate.ciphers ? { enumerate } : {}),
  }
}

export function scriptBlock(value: unknown, files: FileOf): ScriptBlock {
  const block = knownFields(value, 'a script', scriptFields)
  const source = scalarOf(block.code) ?? refuse('field', 'a script without code')
  const before = scalarOf(block['pre-condition'])
  const init = scalarOf(block.init)
  const given = fieldsOf(block.args)
  if (init !== null) refuse('script module', 'the script is made ready by reading files')
  for (const one of [source, before]) if (one !== null) checkScript(one)
  return {
    ...judgedOf(block), protocol: 'javascript', source, ...(before === null ? {} : { before }),
    arguments: Object.entries(given).map(([name, text]) => [name, template(text)] as const), payloads: payloadsOf(block, files), stopAtFirst: isTrue(block['stop-at-first-match']),
    ports: portsOf(block.port ?? given.Port ?? given.port),
  }
}
