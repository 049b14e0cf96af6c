import type { Evidence } from '#core/observation.ts'
import { failed, type Bytes, type Connection, type Failure } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import { Unseen } from '../../probe.ts'
import type { Service, Sighting, Target } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { cpeOf } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'

/** Modules that are knocked on; a server with more is judged on these. */
const mostModules = 8

/**
 * The rsync daemon. Reads the list of modules and asks each of the first eight whether it opens without a login; no file list is
 * asked for.
 * Facts: `protocol`, `motd`, `listable`, `modules`, `openModules`, `authModules`, `auth` (false when a module opens without
 * login).
 * Reproduce: `rsync rsync://HOST/`, `rsync rsync://HOST/MODULE/`. Source: rsyncd.conf(5), rsync's csprotocol.txt.
 */
export const rsync: Service = {
  name: 'rsync',
  ports: [873],
  greets: (greeting) => textOf(greeting.subarray(0, 9)) === '@RSYNCD: ',
  async look(target) {
    const connection = await target.open()
    const greeting = await hello(connection)
    if (greeting === null) return null
    connection.write('#list\n')
    const listed = await connection.read({ until: listEnd, most: 65_536 })
    const base = { product: 'rsync', cpe: cpeOf('samba:rsync') }
    if (failed(listed)) {
      return {
        ...base,
        facts: { protocol: greeting },
        evidence: connection.evidence(),
        incomplete: { code: listed.failed, text: listed.text },
      }
    }
    const list = readModuleList(textOf(listed.bytes))
    const evidence = [connection.evidence()]
    const open: string[] = []
    const locked: string[] = []
    let incomplete: Sighting['incomplete']
    for (const module of list.modules.slice(0, mostModules)) {
      const door = await knock(target, module)
      if ('code' in door) incomplete = door
      else {
        if (door.answer === 'open') open.push(module)
        if (door.answer === 'auth') locked.push(module)
        evidence.push(door.evidence)
      }
    }
    return {
      ...base,
      facts: {
        protocol: greeting,
        motd: list.motd,
        listable: list.complete,
        modules: list.modules,
        openModules: open,
        authModules: locked,
        auth: open.length > 0 ? false : list.modules.length === 0 ? null : true,
      },
      evidence: joinEvidence(...evidence),
      ...(incomplete === undefined ? {} : { incomplete }),
    }
  },
}

/** Reads the greeting and answers it in kind: the protocol's number, or null when it is not rsync. */
async function hello(connection: Connection): Promise<number | null> {
  const line = await connection.read({ until: '\n', most: 512 })
  if (failed(line)) return null
  const protocol = /^@RSYNCD: (\d{1,3})(?:\.\d{1,3})?[ \n]/.exec(textOf(line.bytes))?.[1]
  if (protocol === undefined) return null
  // Below 30 nothing about digests has to be said, and every server still speaks it for as much as we ask.
  connection.write('@RSYNCD: 29\n')
  return Number(protocol)
}

async function knock(
  target: Target,
  module: string,
): Promise<Readonly<{ answer: 'open' | 'auth' | 'refused'; evidence: Evidence }> | NonNullable<Sighting['incomplete']>> {
  try {
    const connection = await target.open()
    if ((await hello(connection)) === null) return { code: 'protocol', text: 'The greeting did not come again' }
    connection.write(`${module}\n`)
    const answer: Bytes | Failure = await connection.read({ until: verdictEnd, most: 16_384 })
    const evidence = connection.evidence()
    connection.close()
    if (failed(answer)) return { code: answer.failed, text: answer.text }
    const verdict = /^@(RSYNCD: OK|RSYNCD: AUTHREQD|ERROR)/m.exec(textOf(answer.bytes))?.[1]
    return { answer: verdict === 'RSYNCD: OK' ? 'open' : verdict === 'RSYNCD: AUTHREQD' ? 'auth' : 'refused', evidence }
  } catch (error) {
    if (error instanceof Unseen) return { code: error.code, text: error.message }
    throw error
  }
}

const endOf =
  (pattern: RegExp) =>
  (received: Uint8Array): number | null => {
    const found = pattern.exec(textOf(received))
    return found === null ? null : found.index + found[0].length
  }
const listEnd = endOf(/^@(?:RSYNCD: EXIT|ERROR[^\n]*)\n/m)
const verdictEnd = endOf(/^@(?:RSYNCD: OK|RSYNCD: AUTHREQD[^\n]*|ERROR[^\n]*)\n/m)

/** `name<padding><tab>comment` a line; lines without a tab are the message of the day. */
export function readModuleList(text: string): Readonly<{ modules: readonly string[]; motd: string | null; complete: boolean }> {
  const lines = text.split('\n', 512)
  const modules = lines.map((line) => /^([^\t@#][^\t]{0,63}?) *\t/.exec(line)?.[1]).filter((name) => name !== undefined)
  const motd = clean(lines.filter((line) => line !== '' && !line.includes('\t') && !line.startsWith('@')).join(' '))
  return {
    modules: modules.map((name) => clean(name, 64)).slice(0, 32),
    motd: motd === '' ? null : motd,
    complete: lines.includes('@RSYNCD: EXIT'),
  }
}
