import type { Evidence, Facts } from '#core/observation.ts'
import { failed, type Failure } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Service, Target } from '../../service.ts'
import { bytesOf, clean, parse, u32, type Piece } from '../wire/byte-reader.ts'
import { cpeOf, distroPart } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'

const words = ['ruok', 'stat', 'conf', 'envi', 'mntr'] as const

/**
 * ZooKeeper. Sends the four-letter words that only read, then opens a session without a login, lists `/`, and closes it.
 * Facts: see FACTS.md. Reproduce: `echo srvr | nc HOST 2181`. Source: https://zookeeper.apache.org/doc/current/zookeeperAdmin.html
 */
export const zookeeper: Service = {
  name: 'zookeeper',
  ports: [2181],
  tlsPorts: [2281],
  async look(target) {
    const evidence: Evidence[] = []
    const server = await askWord(target, 'srvr', evidence)
    if (failed(server)) return null
    const known = /^Zookeeper version: |is not executed because it is not in the whitelist/i.test(server.text)
    const session = await askChildren(target, evidence)
    if (!known && (failed(session) || !session.answered)) return null
    const commands: string[] = /^Zookeeper version:/i.test(server.text) ? ['srvr'] : []
    let trouble: Failure | null = null
    for (const word of words) {
      const answer = await askWord(target, word, evidence)
      if (failed(answer)) trouble ??= answer
      else if (answer.text !== '' && !/not in the whitelist/i.test(answer.text)) commands.push(word)
    }
    const version = /^Zookeeper version: (\d+\.\d+\.\d+)/im.exec(server.text)?.[1]
    const facts: Record<string, Facts[string]> = { commands }
    const mode = /^Mode: (\w{1,20})/im.exec(server.text)?.[1]
    if (mode !== undefined) facts.mode = mode
    const nodes = /^Node count: (\d{1,12})/im.exec(server.text)?.[1]
    if (nodes !== undefined) facts.nodes = Number(nodes)
    if (failed(session)) trouble ??= session
    else {
      facts.auth = session.children === null ? (session.error === 0 ? null : true) : false
      if (session.children !== null) facts.children = session.children
    }
    return {
      product: 'ZooKeeper',
      ...(version === undefined ? {} : { version }),
      cpe: cpeOf('apache:zookeeper', version),
      ...distroPart(/^Zookeeper version: [^\n]{0,120}/im.exec(server.text)?.[0] ?? ''),
      facts,
      evidence: joinEvidence(...evidence),
      ...(trouble === null ? {} : { incomplete: { code: trouble.failed, text: trouble.text } }),
    }
  },
}

/** It answers and hangs up. */
async function askWord(target: Target, word: string, evidence: Evidence[]): Promise<{ text: string } | Failure> {
  const connection = await target.open()
  connection.write(word)
  const answer = await connection.read({ until: () => null, most: 16_384 })
  evidence.push(connection.evidence())
  connection.close()
  return failed(answer) ? answer : { text: textOf(answer.bytes).slice(0, 4096) }
}

/** `error` as ZooKeeper's KeeperException codes; `children` null when the root was not shown. */
type Session = Readonly<{ answered: boolean; error: number; children: readonly string[] | null }>

const getChildren = 8
const closeSession = -11

async function askChildren(target: Target, evidence: Evidence[]): Promise<Session | Failure> {
  const connection = await target.open()
  try {
    connection.write(frame(u32(0), u32(0), u32(0), u32(10_000), u32(0), u32(0), u32(16), new Uint8Array(16)))
    const opened = await connection.read({ until: frameEnd, most: 1024 })
    if (failed(opened)) return opened
    if (!isConnected(opened.bytes)) return { answered: false, error: -1, children: null }
    connection.write(frame(u32(1), u32(getChildren), u32(1), '/', 0))
    const answer = await connection.read({ until: frameEnd, most: 65_536 })
    if (failed(answer)) return answer
    // Where a login is enforced it hangs up here.
    const parsed = answer.bytes.length === 0 ? { error: -4, children: null } : parseChildren(answer.bytes)
    connection.write(frame(u32(2), u32(closeSession)))
    if (parsed === null) return { failed: 'protocol', text: 'the list of / could not be read' }
    return { answered: true, ...parsed }
  } finally {
    evidence.push(connection.evidence('session without a login'))
    connection.close()
  }
}

function frame(...pieces: readonly Piece[]): Uint8Array {
  const body = bytesOf(...pieces)
  return bytesOf(u32(body.length), body)
}

export function frameEnd(received: Uint8Array): number | null {
  if (received.length < 4) return null
  const length = ((received[0]! << 24) | (received[1]! << 16) | (received[2]! << 8) | received[3]!) >>> 0
  // Not a frame: all of it goes to the parser, which says so.
  if (length > 1_048_576) return received.length
  return received.length >= 4 + length ? 4 + length : null
}

export function isConnected(bytes: Uint8Array): boolean {
  return parse(bytes, (reader) => {
    const length = reader.u32()
    const protocol = reader.u32()
    const timeout = reader.u32()
    reader.skip(8)
    return length >= 36 && length <= 64 && protocol === 0 && timeout > 0 && timeout < 10_000_000 && reader.u32() === 16
  }) ?? false
}

export function parseChildren(bytes: Uint8Array): Readonly<{ error: number; children: readonly string[] | null }> | null {
  return parse(bytes, (reader) => {
    reader.skip(4 + 4 + 8)
    const error = reader.u32() | 0
    if (error !== 0) return { error, children: null }
    const count = reader.u32()
    const children: string[] = []
    for (let index = 0; index < count && index < 20; index++) children.push(clean(reader.text(reader.u32()), 120))
    return { error: 0, children }
  })
}
