import { failed, type Connection } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Service } from '../../service.ts'
import { bytesOf, clean, malformed, parse, u16 } from '../wire/byte-reader.ts'
import { productOf, type ProductRule } from '../product.ts'

/**
 * MQTT 3.1.1. Connects without credentials; where that is accepted, subscribes to the broker's own statistics for a moment, never
 * to
 * anybody's messages, and says goodbye.
 * Facts: `auth` (false: let in without credentials), `protocol`, `returnCode`, `cleartextLogin`; when let in `sysVersion`,
 * `topics` ($SYS).
 * Reproduce: `mosquitto_sub -h HOST -t '$SYS/broker/version' -C 1`. Source: MQTT 3.1.1 3.1–3.3.
 */
export const mqtt: Service = {
  name: 'mqtt',
  ports: [1883],
  tlsPorts: [8883],
  guess: 70,
  async look({ open, tls, tools }) {
    const connection = await open()
    connection.write(mqttConnect(`vigil-${(tools.now() & 0xffffff).toString(16)}`))
    const answer = await connection.read({ until: mqttLength, most: 4096 })
    const ack = failed(answer) ? null : readMqtt(answer.bytes)
    if (ack?.type !== 'connack') return null
    const protocol = '3.1.1'
    if (ack.code !== 0) {
      // 1 and 2 are refusals of the version or the name we took, which tell nothing about credentials.
      const asks = ack.code === 4 || ack.code === 5
      return {
        facts: { auth: asks ? true : null, protocol, returnCode: ack.code, ...(tls || !asks ? {} : { cleartextLogin: true }) },
        evidence: connection.evidence(),
      }
    }
    connection.write(mqttSubscribe(1, '$SYS/broker/#'))
    const said = await statistics(connection)
    connection.write(Uint8Array.of(0xe0, 0))
    const version = said.get('$SYS/broker/version') ?? null
    return {
      ...productOf(version ?? [...said.keys()].find((topic) => /emqx|hivemq|vernemq/i.test(topic)) ?? '', brokers),
      facts: { auth: false, protocol, returnCode: 0, sysVersion: version, topics: [...said.keys()].slice(0, 32) },
      evidence: connection.evidence('CONNECT without user and password was accepted'),
    }
  },
}

const brokers: readonly ProductRule[] = [
  { pattern: /^mosquitto version (\d+\.\d+(?:\.\d+)?)/, product: 'Mosquitto', cpe: 'eclipse:mosquitto' },
  { pattern: /emqx/i, product: 'EMQX', cpe: 'emqx:emqx' },
  { pattern: /hivemq/i, product: 'HiveMQ' },
  { pattern: /vernemq/i, product: 'VerneMQ' },
]

/** Retained statistics come right behind the subscription; 64 packets or a silence end it. */
async function statistics(connection: Connection): Promise<ReadonlyMap<string, string>> {
  const said = new Map<string, string>()
  for (let count = 0; count < 64 && !said.has('$SYS/broker/version'); count++) {
    const packet = await connection.read({ until: mqttLength, most: 16_384, timeout: 1000 })
    if (failed(packet)) break
    const message = readMqtt(packet.bytes)
    if (message === null || (message.type === 'suback' && message.code === 0x80)) break
    if (message.type === 'publish') said.set(message.topic, message.text)
  }
  return said
}

const field = (text: string): Uint8Array => bytesOf(u16(text.length), text)

/** CONNECT of protocol level 4, clean session, keep-alive 30 s. The parts are short: one length byte is enough. */
export function mqttConnect(client: string): Uint8Array {
  const body = bytesOf(field('MQTT'), 4, 2, u16(30), field(client))
  return bytesOf(0x10, body.length, body)
}

export function mqttSubscribe(id: number, topic: string): Uint8Array {
  const body = bytesOf(u16(id), field(topic), 0)
  return bytesOf(0x82, body.length, body)
}

export type MqttPacket = Readonly<
  { type: 'connack' | 'suback'; code: number } | { type: 'publish'; topic: string; text: string } | { type: 'other' }
>

/** Length of the first packet once it is whole; all that came when it can be none. */
export function mqttLength(received: Uint8Array): number | null {
  let length = 0
  for (let at = 1; at <= 4; at++) {
    const byte = received[at]
    if (byte === undefined) return null
    length += (byte & 0x7f) * 128 ** (at - 1)
    if (byte < 0x80) return received.length >= at + 1 + length ? at + 1 + length : null
  }
  return received.length
}

export function readMqtt(bytes: Uint8Array): MqttPacket | null {
  return parse(bytes, (reader) => {
    const first = reader.u8()
    let length = 0
    for (let shift = 0; ; shift++) {
      const byte = reader.u8()
      length += (byte & 0x7f) * 128 ** shift
      if (byte < 0x80) break
      if (shift === 3) malformed('length')
    }
    if (length !== reader.left) malformed('length')
    if (first === 0x20) {
      if (length !== 2 || reader.u8() > 1) malformed('connack')
      return { type: 'connack', code: reader.u8() }
    }
    if (first === 0x90) {
      reader.skip(2)
      return { type: 'suback', code: reader.u8() }
    }
    if (first >>> 4 !== 3) return { type: 'other' }
    const topic = clean(reader.text(reader.u16()))
    if ((first & 6) !== 0) reader.skip(2)
    return { type: 'publish', topic, text: clean(textOf(reader.rest())) }
  })
}
