import { randomInt } from 'node:crypto'
import type { DnsBlock } from '#core/template/plan.ts'
import type { Exchange } from '#core/proof.ts'
import { failed, type Failure } from '../../net.ts'
import { dnsQuery, overTcp, readDns, tcpMessageLength, type DnsMessage } from '../../services/name/dns-message.ts'
import { recordText, typeNumbers } from './dns-text.ts'
import { fillText } from '../run/fill.ts'
import { judge } from '../run/judge.ts'
import { layered, type Names, type Value } from '../run/names.ts'
import { payloadsOf } from '../run/payloads.ts'
import type { BlockEnd, RunState } from '../run/state.ts'
import { blockNames, keepParts, takeFrom, type Weighed } from './take.ts'
import type { Wire } from './wire.ts'

const classNumbers: Readonly<Record<string, number>> = { inet: 1, csnet: 2, chaos: 3, hesiod: 4, none: 254, any: 255 }
const rcodes = ['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED']

type Answered = Readonly<{ bytes: Uint8Array; message: DnsMessage; exchange: Exchange }>

/** Asks the target itself as a server of names: what it answers is what others are told. Nobody else is asked, so that a block about a name at a host without DNS is not run. */
export async function runDnsBlock(block: DnsBlock, prefix: string, state: RunState): Promise<BlockEnd> {
  const { wire, root } = state
  const port = wire === undefined ? null : wire.service === 'dns' ? wire.port : wire.isOpen(53) ? 53 : null
  if (wire === undefined || port === null) {
    state.troubles.push({ failed: 'protocol', text: 'elsewhere: the host serves no names' })
    return { matched: false }
  }
  const weighed: Weighed = { matched: false, dynamic: new Map() }
  for (const payload of payloadsOf(block.payloads, Math.max(1, state.left))) {
    state.door.signal.throwIfAborted()
    const base = blockNames(state, weighed.dynamic)
    const values = new Map<string, Value>()
    for (const [name, text] of payload ?? []) values.set(name, fillText(text, state.scope(base), []))
    const names = layered(values, base)
    const unknown: string[] = []
    const domain = nameOf(fillText(block.domain, state.scope(names), unknown), block.type)
    if (unknown.length > 0 || domain === null) return { matched: weighed.matched }
    if (state.left-- <= 0) {
      state.troubles.push({ failed: 'budget', text: 'it sends more than it may' })
      break
    }
    const said = await wire.kept(`dns ${port} ${block.type} ${block.class} ${block.recursion} ${domain}`, () => ask(block, domain, port, wire))
    if (failed(said)) {
      state.troubles.push(said)
      continue
    }
    state.talks.push({ exchange: said.exchange, url: domain })
    const own = namesOf(said, domain, root.address, block)
    keepParts(state, prefix, own, ['answer', 'question', 'raw', 'rcode', 'cname', 'a', 'txt', 'ns', 'mx'])
    const seen = layered(own, names)
    const judgement = judge(block, state.scope(seen))
    takeFrom(judgement, block, state, weighed, seen, null)
    if (judgement.shown && block.stopAtFirst) break
  }
  return { matched: weighed.matched }
}

/** What can be asked for: a name, or for PTR an address turned round. */
function nameOf(text: string, type: string): string | null {
  const name = text.trim().replace(/\.$/, '')
  if (type === 'PTR' && /^\d{1,3}(?:\.\d{1,3}){3}$/.test(name)) return `${name.split('.').toReversed().join('.')}.in-addr.arpa`
  return /^(?=.{1,253}$)[\w*-]{1,63}(?:\.[\w*-]{1,63})*$/.test(name) && !/^[\d.]+$/.test(name) ? name : null
}

async function ask(block: DnsBlock, domain: string, port: number, wire: Wire): Promise<Answered | Failure> {
  const query = dnsQuery({ id: randomInt(65_536), name: domain, type: typeNumbers[block.type] ?? 1, class: classNumbers[block.class] ?? 1, recursion: block.recursion, payload: 4096 })
  if (wire.at.proto === 'udp') {
    const answers = await wire.ask(port, [query])
    if (failed(answers)) return answers
    const bytes = answers.answers[0] ?? new Uint8Array()
    const message = readDns(bytes)
    if (message === null || message.id !== query[0]! * 256 + query[1]!) return { failed: 'protocol', text: 'what answers is no DNS' }
    const exchange: Exchange = { over: 'udp', to: `${wire.at.address.includes(':') ? `[${wire.at.address}]` : wire.at.address}:${port}`, sent: Buffer.from(query).toString('base64'), received: Buffer.from(bytes).toString('base64'), cut: false, at: wire.tools.now(), took: 0 }
    return { bytes, message, exchange }
  }
  const connection = await wire.connect(port)
  if (failed(connection)) return connection
  try {
    connection.write(overTcp(query))
    const answer = await connection.read({ until: tcpMessageLength, most: 70_000 })
    if (failed(answer)) return answer
    const bytes = answer.bytes.subarray(2)
    const message = readDns(bytes)
    return message === null || message.id !== query[0]! * 256 + query[1]! ? { failed: 'protocol', text: 'what answers is no DNS' } : { bytes, message, exchange: connection.exchange() }
  } finally {
    connection.close()
  }
}

/** By the names that templates use; records read as zone files have them. */
function namesOf({ message, bytes }: Answered, domain: string, address: string, block: DnsBlock): Names {
  const answer = message.answers.map(recordText).join('\n')
  const authority = message.authority.map(recordText).join('\n')
  const question = `;${domain}.\tIN\t ${block.type}`
  const rcode = rcodes[message.rcode] ?? `RCODE${message.rcode}`
  const raw = [`;; opcode: QUERY, status: ${rcode}, id: ${message.id}`, `;; flags: qr${message.authoritative ? ' aa' : ''}${message.truncated ? ' tc' : ''}${block.recursion ? ' rd' : ''}${message.recursionAvailable ? ' ra' : ''}; QUERY: 1, ANSWER: ${message.answers.length}, AUTHORITY: ${message.authority.length}, ADDITIONAL: ${message.counts.additional}`, '', ';; QUESTION SECTION:', question,
    ...(answer === '' ? [] : ['', ';; ANSWER SECTION:', answer]), ...(authority === '' ? [] : ['', ';; AUTHORITY SECTION:', authority])].join('\n')
  const names = new Map<string, Value>([
    ['raw', `${raw}\n`], ['answer', answer], ['ns', authority], ['question', question], ['rcode', message.rcode], ['request', question], ['host', domain], ['matched', domain], ['type', 'dns'], ['extra', ''], ['trace', ''],
    ['ip', address], ['data', Buffer.from(bytes).toString('latin1')],
  ])
  for (const [kind, number] of Object.entries(typeNumbers)) {
    const own = message.answers.filter((record) => record.type === number && record.text !== null).map((record) => record.text!)
    if (own.length > 0) names.set(kind.toLowerCase(), own.length === 1 ? own[0]! : own)
  }
  return names
}
