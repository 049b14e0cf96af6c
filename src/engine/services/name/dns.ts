import { failed, type Connection } from '../../net.ts'
import { Unseen } from '../../probe.ts'
import type { Service, Sighting, UdpService } from '../../service.ts'
import { classes, dnsQuery, overTcp, readDns, tcpMessageLength, types, type DnsMessage } from './dns-message.ts'
import { serverOf } from './dns-server.ts'
import { joinEvidence } from '../wire/reply.ts'
import { zonesOf } from './dns-zone.ts'

/**
 * DNS (RFC 1035) over UDP and TCP. Asks `version.bind`, `hostname.bind`, an outside name with recursion desired, ANY of the root
 * (UDP), and over TCP a transfer of each zone the host's names lie in, of which only the first message is read.
 * Facts: `versionBind`, `hostnameBind`, `recursion` (offered to us and not refused), `recursionAnswered` (an outside name was
 * looked up),
 * `anyBytes`, `amplification` (UDP), `zonesAsked`, `zoneTransfer`, `zones` (given out), `zoneRecords` (TCP).
 * Reproduce: `dig @HOST version.bind TXT CH`, `dig @HOST vigil.test A`, `dig @HOST . ANY +notcp`, `dig @HOST ZONE AXFR`.
 * Source: RFC 1035, 4892, 5936, 6891, 8482.
 */
export const dnsUdp: UdpService = {
  name: 'dns',
  ports: [53],
  async look({ ask, tools }) {
    const dialog = dialogId(tools.now())
    const first = await ask([dialog.version()])
    const version = answerTo(dialog.version(), first.answers)
    if (version === null) return null
    const evidence = [first.evidence]
    let incomplete: Sighting['incomplete']
    const more = async (query: Uint8Array): Promise<{ message: DnsMessage; bytes: number } | null> => {
      try {
        const { answers, evidence: said } = await ask([query])
        const message = answerTo(query, answers)
        evidence.push(said)
        return message === null ? null : { message, bytes: answers[0]!.length }
      } catch (error) {
        // An answer to the first question was there, so the service is known; a question it keeps silent on tells nothing.
        if (!(error instanceof Unseen)) throw error
        incomplete = { code: error.code, text: error.message }
        return null
      }
    }
    const host = await more(dialog.hostname())
    const outside = await more(dialog.outside())
    const any = await more(dialog.any())
    return sightingOf(
      version,
      host?.message ?? null,
      outside?.message ?? null,
      any === null ? {} : { anyBytes: any.bytes, amplification: Math.round((any.bytes / dialog.any().length) * 10) / 10 },
      { evidence: joinEvidence(...evidence), ...(incomplete === undefined ? {} : { incomplete }) },
    )
  },
}

export const dns: Service = {
  name: 'dns',
  ports: [53],
  tlsPorts: [853],
  guess: 80,
  async look({ open, at, tools }) {
    const dialog = dialogId(tools.now())
    const connection = await open()
    const version = await overConnection(connection, dialog.version())
    if (version === null) return null
    const host = await overConnection(connection, dialog.hostname())
    const outside = await overConnection(connection, dialog.outside())
    const zones = zonesOf([at.host, ...tools.names, host?.answers[0]?.text])
    const given: string[] = []
    let records = 0
    let evidence = connection.evidence()
    let incomplete: Sighting['incomplete']
    if (outside === null) incomplete = { code: 'protocol', text: 'The server stopped answering before recursion was looked at' }
    for (const zone of zones) {
      const transfer = await open()
      const first = await overConnection(transfer, dnsQuery({ id: dialog.id, name: zone, type: types.AXFR }))
      if (first?.rcode === 0 && first.answers[0]?.type === types.SOA && first.answers[0].name === zone) {
        given.push(zone)
        records += first.counts.answer
        evidence = transfer.evidence(`Zone ${zone} was transferred; only the first message was read`)
      }
      // A refusal by closing is a refusal too; RFC 5936 lets a server do so.
      transfer.close()
    }
    return sightingOf(
      version,
      host,
      outside,
      zones.length === 0 ? {} : { zonesAsked: zones, zoneTransfer: given.length > 0, zones: given, zoneRecords: records },
      { evidence, ...(incomplete === undefined ? {} : { incomplete }) },
    )
  },
}

function dialogId(now: number) {
  const id = now & 0xffff
  return {
    id,
    version: () => dnsQuery({ id, name: 'version.bind', type: types.TXT, class: classes.CH }),
    hostname: () => dnsQuery({ id: id ^ 1, name: 'hostname.bind', type: types.TXT, class: classes.CH }),
    // A name that RFC 6761 reserves: whoever looks it up learns nothing and reaches nobody.
    outside: () => dnsQuery({ id: id ^ 2, name: 'vigil.test', type: types.A, recursion: true }),
    any: () => dnsQuery({ id: id ^ 3, name: '', type: types.ANY, recursion: true, payload: 4096 }),
  }
}

async function overConnection(connection: Connection, query: Uint8Array): Promise<DnsMessage | null> {
  connection.write(overTcp(query))
  const answer = await connection.read({ until: tcpMessageLength, most: 65_537 })
  return failed(answer) ? null : answerTo(query, [answer.bytes.subarray(2)])
}

/** The answer that belongs to the query: same id, a response, and the question repeated if there is one. */
function answerTo(query: Uint8Array, answers: readonly Uint8Array[]): DnsMessage | null {
  const asked = readDns(query)
  const message = answers[0] === undefined ? null : readDns(answers[0])
  if (message === null || !message.response || message.id !== asked?.id) return null
  return message.question !== null && message.question.name !== asked.question?.name ? null : message
}

const refused = 5
const notImplemented = 4

function sightingOf(
  version: DnsMessage,
  host: DnsMessage | null,
  outside: DnsMessage | null,
  more: Sighting['facts'] & object,
  rest: Pick<Sighting, 'evidence' | 'incomplete'>,
): Sighting {
  const text = version.rcode === 0 ? (version.answers.find((record) => record.type === types.TXT)?.text ?? null) : null
  const recursion =
    outside === null ? null : outside.recursionAvailable && outside.rcode !== refused && outside.rcode !== notImplemented
  return {
    ...serverOf(text),
    facts: {
      versionBind: text,
      hostnameBind: host?.answers.find((record) => record.type === types.TXT)?.text ?? null,
      recursion,
      recursionAnswered: outside === null ? null : recursion === true && (outside.rcode === 0 || outside.rcode === 3),
      ...more,
    },
    ...(rest.evidence === undefined ? {} : { evidence: rest.evidence }),
    ...(rest.incomplete === undefined ? {} : { incomplete: rest.incomplete }),
  }
}
