import type { Facts } from '#core/observation.ts'
import { failed } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Service, Sighting } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { parseObject } from '../wire/json-object.ts'
import { cpeOf, distroPart } from '../product.ts'

/**
 * NATS. It greets with INFO; whether a login is needed is tried with CONNECT and PING, since `auth_required` is left out where
 * a default user is set. Facts: see FACTS.md. Reproduce: `nats --server HOST server check connection`.
 * Source: https://docs.nats.io/reference/reference-protocols/nats-protocol
 */
export const nats: Service = {
  name: 'nats',
  ports: [4222],
  greets: (greeting) => textOf(greeting).startsWith('INFO {'),
  async look({ open, tls }) {
    const connection = await open()
    const hello = await connection.read({ until: '\r\n', most: 32_768 })
    if (failed(hello)) return null
    const info = parseObject(/^INFO (\{.*\})/.exec(textOf(hello.bytes))?.[1] ?? '')
    if (info === null || typeof info.version !== 'string' || !('server_id' in info)) return null
    const version = /^\d[\w.+~-]{0,40}/.exec(info.version)?.[0]
    const facts: Record<string, Facts[string]> = infoFacts(info)
    const base = { product: 'NATS Server', ...(version === undefined ? {} : { version }), cpe: cpeOf('linuxfoundation:nats-server', version), ...distroPart(info.version), facts }
    if (info.tls_required === true && !tls) {
      const upgraded = await connection.upgrade({})
      if (upgraded !== true) return cut(base, connection.evidence(), upgraded.failed, upgraded.text)
    }
    connection.write('CONNECT {"verbose":false,"pedantic":false,"lang":"vigil","version":"1","protocol":1}\r\nPING\r\n')
    const answer = await connection.read({ until: verdictEnd, most: 8192 })
    if (failed(answer)) return cut(base, connection.evidence(), answer.failed, answer.text)
    const text = textOf(answer.bytes)
    if (/^PONG\r?$/m.test(text)) facts.auth = false
    else if (/^-ERR '(?:Authorization Violation|Authentication)/im.test(text)) facts.auth = true
    else return cut(base, connection.evidence(), 'protocol', `neither PONG nor an authorization error: ${clean(text, 100)}`)
    return { ...base, evidence: connection.evidence() }
  },
}

function cut(base: Sighting, evidence: NonNullable<Sighting['evidence']>, code: string, text: string): Sighting {
  return { ...base, evidence, incomplete: { code, text } }
}

function infoFacts(info: Readonly<Record<string, unknown>>): Record<string, Facts[string]> {
  const text = (name: string, fact: string): Facts => (typeof info[name] === 'string' ? { [fact]: clean(info[name], 120) } : {})
  return {
    tlsRequired: info.tls_required === true,
    tlsAvailable: info.tls_required === true || info.tls_available === true,
    jetstream: info.jetstream === true,
    ...(typeof info.max_payload === 'number' ? { maxPayload: info.max_payload } : {}),
    ...text('server_id', 'serverId'),
    ...text('server_name', 'serverName'),
    ...text('cluster', 'cluster'),
    ...text('go', 'go'),
  }
}

function verdictEnd(received: Uint8Array): number | null {
  return /^(?:PONG|-ERR[^\n]*)\r?\n/m.test(textOf(received)) ? received.length : null
}
