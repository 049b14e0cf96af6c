import type { Facts } from '#core/observation.ts'
import { failed } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import { Unseen } from '../../probe.ts'
import { triesDefaults, type Service, type Sighting, type Target } from '../../service.ts'
import { amqpHeader, amqpLength, amqpLogin, readAmqp, type AmqpMethod } from './amqp-frame.ts'
import { cpeOf } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'

/**
 * AMQP 0-9-1 and 1.0. Reads what the broker says of itself before the login; where the profile tries defaults, logs in once as
 * guest / guest and hangs up before anything is opened.
 * Facts: `protocol`, `mechanisms`, `platform`, `clusterName`, `anonymous`, `cleartextLogin`; with defaults `guestLogin`, `auth`.
 * Reproduce: `rabbitmqadmin -u guest -p guest list connections`, or any AMQP client. Source: AMQP 0-9-1 4.2, AMQP 1.0 5.3.
 */
export const amqp: Service = {
  name: 'amqp',
  defaults: true,
  ports: [5672],
  tlsPorts: [5671],
  guess: 75,
  async look(target) {
    const connection = await target.open()
    connection.write(amqpHeader.v091)
    const answer = await connection.read({ until: amqpLength, most: 65_536 })
    if (failed(answer)) return null
    // A header in answer names the version that the server wants instead. Our own coming back is an echo.
    if (textOf(answer.bytes.subarray(0, 4)) === 'AMQP') return answer.bytes[6] === 9 ? null : amqp1(target)
    const start = readAmqp(answer.bytes)
    if (start?.method !== 'start') return null
    const evidence = [connection.evidence()]
    connection.close()
    const product = start.properties['.product'] ?? ''
    const guest = triesDefaults(target.tools.profile) && start.mechanisms.includes('PLAIN') ? await loginAsGuest(target) : null
    if (guest !== null && !('code' in guest)) evidence.push(guest.evidence)
    const incomplete = guest !== null && 'code' in guest ? guest : undefined
    return {
      ...brokerOf(product, start.properties['.version']),
      facts: {
        protocol: '0-9-1',
        mechanisms: start.mechanisms,
        platform: start.properties['.platform'] ?? null,
        clusterName: start.properties['.cluster_name'] ?? null,
        ...securityOf(start.mechanisms, target.tls),
        ...(guest === null
          ? {}
          : { guestLogin: 'code' in guest ? null : guest.accepted, auth: 'code' in guest ? null : !guest.accepted }),
      },
      evidence: joinEvidence(...evidence),
      ...(incomplete === undefined ? {} : { incomplete }),
    }
  },
}

function securityOf(mechanisms: readonly string[], tls: boolean): Facts {
  return {
    anonymous: mechanisms.includes('ANONYMOUS'),
    ...(tls ? {} : { cleartextLogin: mechanisms.some((name) => name === 'PLAIN' || name === 'AMQPLAIN' || name === 'LOGIN') }),
  }
}

async function loginAsGuest(
  target: Target,
): Promise<Readonly<{ accepted: boolean; evidence: NonNullable<Sighting['evidence']> }> | NonNullable<Sighting['incomplete']>> {
  try {
    const connection = await target.open()
    connection.write(amqpHeader.v091)
    const start = await connection.read({ until: amqpLength, most: 65_536 })
    if (failed(start)) return { code: start.failed, text: start.text }
    connection.write(amqpLogin('guest', 'guest'))
    const answer = await connection.read({ until: amqpLength, most: 65_536 })
    const verdict: AmqpMethod | null = failed(answer) ? null : readAmqp(answer.bytes)
    const accepted = verdict?.method === 'tune'
    const evidence = connection.evidence(accepted ? 'guest / guest was let in; nothing was opened' : undefined)
    connection.close()
    // A server may also refuse by hanging up: that is an answer, silence is not.
    if (failed(answer) && answer.failed !== 'reset' && answer.failed !== 'closed')
      return { code: answer.failed, text: answer.text }
    return { accepted, evidence }
  } catch (error) {
    if (error instanceof Unseen) return { code: error.code, text: error.message }
    throw error
  }
}

const known = [
  'ANONYMOUS',
  'PLAIN',
  'AMQPLAIN',
  'EXTERNAL',
  'LOGIN',
  'CRAM-MD5',
  'DIGEST-MD5',
  'GSSAPI',
  'SCRAM-SHA-1',
  'SCRAM-SHA-256',
  'SCRAM-SHA-512',
  'XOAUTH2',
]

/** The broker speaks 1.0 alone: its SASL layer lists the mechanisms as symbols in its first frame. */
async function amqp1(target: Target): Promise<Sighting> {
  const connection = await target.open()
  connection.write(amqpHeader.sasl)
  const header = await connection.read({ until: amqpLength })
  const frame = failed(header) ? header : await connection.read({ until: frameLength, most: 4096 })
  const evidence = connection.evidence()
  if (failed(frame)) return { facts: { protocol: '1.0' }, evidence, incomplete: { code: frame.failed, text: frame.text } }
  const words: readonly string[] = textOf(frame.bytes).match(/[A-Z][A-Z0-9-]{3,19}/g) ?? []
  const mechanisms = known.filter((name) => words.includes(name))
  return { facts: { protocol: '1.0', mechanisms, ...securityOf(mechanisms, target.tls) }, evidence }
}

function frameLength(received: Uint8Array): number | null {
  if (received.length < 4) return null
  const length = new DataView(received.buffer, received.byteOffset).getUint32(0)
  return received.length >= length ? Math.max(4, Math.min(length, received.length)) : null
}

function brokerOf(product: string, version: string | undefined): Pick<Sighting, 'product' | 'version' | 'cpe'> {
  if (product === '') return {}
  const name =
    ({ rabbitmq: 'RabbitMQ', 'qpid-cpp': 'Qpid', qpid: 'Qpid', lavinmq: 'LavinMQ' } as Record<string, string>)[
      product.toLowerCase()
    ] ?? product
  const number = version !== undefined && /^\d[\w.+-]{0,40}$/.test(version) ? version : undefined
  const vendor =
    name === 'RabbitMQ'
      ? Number.parseInt(number ?? '0', 10) >= 4
        ? 'broadcom:rabbitmq_server'
        : 'vmware:rabbitmq'
      : name === 'Qpid'
        ? 'apache:qpid'
        : null
  return {
    product: name,
    ...(number === undefined ? {} : { version: number }),
    ...(vendor === null ? {} : { cpe: cpeOf(vendor, number) }),
  }
}
