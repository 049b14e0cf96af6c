import type { Evidence } from '#core/observation.ts'
import { failed, type Connection, type Failure } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Target } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { joinEvidence, readReply, say, type Reply } from '../wire/reply.ts'

/** `in` null: the server gave an answer that tells neither. `entries` null: no listing could be had. `fresh`: it was asked over a connection of its own. */
export type Anonymous = Readonly<{ fresh: boolean; in: boolean | null; system: string | null; entries: readonly Entry[] | null; evidence: Evidence }>
export type Entry = Readonly<{ name: string; directory: boolean; writable: boolean }>

const mostEntries = 20

/**
 * Logs in as `anonymous`, as every browser once did, lists `/`, and leaves. `used`: a connection on which another user was named; a server that does not go on from there says nothing of
 * anonymous logins by it, and is asked over a fresh one.
 */
export async function anonymousLook(target: Target, used: Connection | null): Promise<Anonymous | Failure> {
  const begun = used === null ? null : await say(used, 'USER anonymous')
  if (used !== null && begun !== null && !failed(begun) && (begun.code === 331 || begun.code === 230)) return lookOver(target, used, begun, false)
  used?.close()
  const connection = await target.open()
  const greeting = await readReply(connection)
  if (failed(greeting)) return greeting
  const answer = await say(connection, 'USER anonymous')
  return failed(answer) ? answer : lookOver(target, connection, answer, true)
}

async function lookOver(target: Target, connection: Connection, named: Reply, fresh: boolean): Promise<Anonymous | Failure> {
  const answer = named.code === 331 ? await say(connection, 'PASS vigil@example.com') : named
  if (failed(answer)) return answer
  if (answer.code !== 230) {
    const refused = answer.code >= 500 || answer.code === 331 || answer.code === 332
    return { fresh, in: refused ? false : null, system: null, entries: null, evidence: connection.evidence() }
  }
  const system = await say(connection, 'SYST')
  const listing = target.tls ? null : await list(target, connection)
  connection.write('QUIT\r\n')
  const evidence = connection.evidence('anonymous login accepted')
  return {
    fresh,
    in: true,
    system: !failed(system) && system.code === 215 ? clean(system.text, 80) : null,
    entries: listing?.entries ?? null,
    evidence: listing === null ? evidence : joinEvidence(evidence, listing.evidence),
  }
}

async function list(target: Target, control: Connection): Promise<{ entries: readonly Entry[]; evidence: Evidence } | null> {
  const port = await dataPort(control)
  if (port === null) return null
  // Always to the host itself: the address that PASV names is the server's to choose, and must not lead us elsewhere.
  const data = await target.tools.net.connect({ address: target.at.address, port })
  if (failed(data)) return null
  try {
    const started = await say(control, 'LIST /')
    if (failed(started) || (started.code !== 150 && started.code !== 125)) return null
    const lines = await data.read({ until: () => null, most: 32_768 })
    if (failed(lines)) return null
    return { entries: parseListing(textOf(lines.bytes)), evidence: data.evidence('listing of /') }
  } finally {
    data.close()
  }
}

async function dataPort(control: Connection): Promise<number | null> {
  const extended = await say(control, 'EPSV')
  if (failed(extended)) return null
  const port = extended.code === 229 ? parseEpsv(extended.text) : null
  if (port !== null) return port
  const passive = await say(control, 'PASV')
  return failed(passive) || passive.code !== 227 ? null : parsePasv(passive.text)
}

export function parseEpsv(text: string): number | null {
  return validPort(Number(/\(\|\|\|(\d{1,5})\|\)/.exec(text)?.[1]))
}

export function parsePasv(text: string): number | null {
  const match = /(?:\d{1,3},){4}(\d{1,3}),(\d{1,3})/.exec(text)
  return match === null ? null : validPort(Number(match[1]) * 256 + Number(match[2]))
}

function validPort(port: number): number | null {
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : null
}

/** `ls -l` lines, or bare names; `writable`: anybody may write into it by its announced mode. */
export function parseListing(text: string): readonly Entry[] {
  const entries: Entry[] = []
  for (const line of text.slice(0, 32_768).split('\n')) {
    const unix = /^([-dlbcps])([-rwxsStT]{9})\S*\s+\d+\s+\S+\s+\S+\s+\d+\s+\S+\s+\S+\s+\S+\s(.+)$/.exec(line.trimEnd().slice(0, 512))
    if (unix === null) continue
    const name = clean(unix[3] ?? '', 120)
    if (name === '' || name === '.' || name === '..') continue
    entries.push({ name, directory: unix[1] === 'd', writable: unix[1] === 'd' && unix[2]?.[7] === 'w' })
    if (entries.length >= mostEntries) break
  }
  return entries
}
