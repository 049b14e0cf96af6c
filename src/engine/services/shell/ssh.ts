import type { Evidence, Facts } from '#core/observation.ts'
import { failed, type Connection, type Failure } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import { Unseen } from '../../probe.ts'
import type { Service, Sighting, Target } from '../../service.ts'
import { bytesOf, clean, u32 } from '../wire/byte-reader.ts'
import { transportOver, type Transport } from './ssh-cipher.ts'
import { choose, exchangeKeys, type Versions } from './ssh-exchange.ts'
import { kexInit, message, parseAuthFailure, parseGexGroup, parseHostKey, parseKexInit, string, type HostKey, type KexInit } from './ssh-message.ts'
import { sshProductOf } from './ssh-product.ts'

const ourVersion = 'SSH-2.0-Vigil'
/** Families of host keys, each asked for on a connection of its own; in a family the server shows the same key. */
const families: readonly RegExp[] = [/^(?:rsa-sha2-512|rsa-sha2-256|ssh-rsa)$/, /^ssh-dss$/, /^ecdsa-sha2-nistp\d{3}$/, /^ssh-ed25519$/]

/**
 * SSH (RFC 4253). Reads what the server offers, exchanges keys once for each kind of host key, and asks how `root` could log in without
 * offering any credential. Facts: see FACTS.md. Reproduce: `ssh -vv -o PreferredAuthentications=none root@HOST`.
 */
export const ssh: Service = {
  name: 'ssh',
  ports: [22, 2222],
  greets: (greeting) => /(?:^|\n)SSH-\d\.\d/.test(textOf(greeting)),
  async look(target) {
    const connection = await target.open()
    const line = await readVersion(connection)
    if (line === null) return null
    const [, protocol = '', rest = ''] = /^SSH-(\d\.\d{1,2})-(.*)$/.exec(line) ?? []
    if (protocol === '') return null
    const software = clean(rest, 200)
    const { packageVersion, ...product } = sshProductOf(software)
    const facts: Record<string, Facts[string]> = { protocol, protocol1: protocol.startsWith('1.'), software, ...(packageVersion === undefined ? {} : { packageVersion }) }
    const base: Sighting = { ...product, facts }
    if (protocol !== '2.0' && protocol !== '1.99') return { ...base, evidence: connection.evidence() }
    const { trouble, evidence } = await lookDeeper(target, connection, line, facts)
    return { ...base, evidence, ...(trouble === null ? {} : { incomplete: { code: trouble.failed, text: trouble.text } }) }
  },
}

type Depth = Readonly<{ trouble: Failure | null; evidence: Evidence }>

async function lookDeeper(target: Target, connection: Connection, server: string, facts: Record<string, Facts[string]>): Promise<Depth> {
  connection.write(`${ourVersion}\r\n`)
  const transport = transportOver(connection)
  const first = await transport.receive()
  // Taken here: what follows is keys and ciphertext, which prove nothing to a reader.
  const evidence = connection.evidence()
  if (failed(first)) return { trouble: first, evidence }
  const init = parseKexInit(first)
  if (init === null) return { trouble: { failed: 'protocol', text: 'no KEXINIT' }, evidence }
  Object.assign(facts, algorithmFacts(init))
  const algorithms = families.map((family) => init.hostKeys.find((name) => family.test(name))).filter((name) => name !== undefined)
  const [algorithm] = algorithms
  if (algorithm === undefined) return { trouble: { failed: 'protocol', text: 'no host key algorithm that we know' }, evidence }
  const choice = choose(init, algorithm)
  if (failed(choice)) return { trouble: choice, evidence }
  const keys: HostKey[] = []
  const blob = await exchangeKeys(transport, { client: ourVersion, server }, first, choice, true)
  if (failed(blob)) return { trouble: blob, evidence }
  addKey(keys, blob)
  const methods = await askMethods(transport)
  let trouble: Failure | null = failed(methods) ? methods : null
  if (!failed(methods)) Object.assign(facts, authFacts(methods))
  for (const other of algorithms.slice(1)) {
    const key = await hostKeyOf(target, other)
    if (failed(key)) trouble ??= key
    else addKey(keys, key)
  }
  Object.assign(facts, keyFacts(keys))
  if (init.kex.some((name) => name.startsWith('diffie-hellman-group-exchange-'))) {
    const bits = await groupBits(target)
    if (typeof bits === 'number') facts.dhGroupBits = bits
    else if (bits !== null) trouble ??= bits
  }
  return { trouble, evidence: failed(methods) ? evidence : { ...evidence, note: noteOf(keys, methods) } }
}

function noteOf(keys: readonly HostKey[], methods: readonly string[]): string {
  return `host keys: ${keys.map((key) => `${key.type} ${key.bits} ${key.fingerprint}`).join(', ')}; login methods offered to root: ${methods.join(', ')}`
}

/** The identification line, after at most 50 lines of greeting (RFC 4253 4.2). */
async function readVersion(connection: Connection): Promise<string | null> {
  for (let count = 0; count < 50; count++) {
    const heard = await connection.read({ until: '\n', most: 8192 })
    if (failed(heard) || heard.bytes.length === 0) return null
    const line = textOf(heard.bytes).replace(/\r?\n$/, '')
    if (line.startsWith('SSH-')) return line.slice(0, 255)
    if (heard.ended) return null
  }
  return null
}

export function algorithmFacts(init: KexInit): Facts {
  const both = (out: readonly string[], into: readonly string[]): readonly string[] => [...new Set([...out, ...into])]
  const ciphers = both(init.ciphersOut, init.ciphersIn)
  const macs = both(init.macsOut, init.macsIn)
  const strictKex = init.kex.includes('kex-strict-s-v00@openssh.com')
  const exposed = ciphers.includes('chacha20-poly1305@openssh.com') || (ciphers.some((name) => name.endsWith('-cbc')) && macs.some((name) => name.endsWith('-etm@openssh.com')))
  return {
    kex: init.kex,
    hostKeyAlgorithms: init.hostKeys,
    ciphers,
    macs,
    compression: both(init.compressionOut, init.compressionIn),
    strictKex,
    terrapin: exposed && !strictKex,
  }
}

function addKey(keys: HostKey[], blob: Uint8Array): void {
  const key = parseHostKey(blob)
  if (key !== null && !keys.some((known) => known.fingerprint === key.fingerprint)) keys.push(key)
}

function keyFacts(keys: readonly HostKey[]): Facts {
  const rsa = keys.find((key) => key.type === 'ssh-rsa')
  const dsa = keys.find((key) => key.type === 'ssh-dss')
  return {
    hostKeyTypes: keys.map((key) => key.type),
    hostKeyBits: keys.map((key) => key.bits),
    hostKeyFingerprints: keys.map((key) => key.fingerprint),
    ...(rsa === undefined ? {} : { rsaBits: rsa.bits }),
    ...(dsa === undefined ? {} : { dsaBits: dsa.bits }),
  }
}

function authFacts(methods: readonly string[]): Facts {
  return {
    authMethods: methods,
    noneAuth: methods.includes('none'),
    passwordAuth: methods.includes('password') || methods.includes('keyboard-interactive'),
  }
}

/** How `root` could log in; `none` alone when the server lets it in without anything, and then we leave at once. */
async function askMethods(transport: Transport): Promise<readonly string[] | Failure> {
  transport.send(bytesOf(message.serviceRequest, string('ssh-userauth')))
  const accepted = await transport.receive()
  if (failed(accepted)) return accepted
  if (accepted[0] !== message.serviceAccept) return { failed: 'protocol', text: 'the login service was refused' }
  transport.send(bytesOf(message.authRequest, string('root'), string('ssh-connection'), string('none')))
  for (let count = 0; count < 10; count++) {
    const answer = await transport.receive()
    if (failed(answer)) return answer
    if (answer[0] === message.authBanner) continue
    if (answer[0] !== message.authSuccess && answer[0] !== message.authFailure) break
    transport.send(bytesOf(message.disconnect, u32(11), string('bye'), string('')))
    return answer[0] === message.authSuccess ? ['none'] : parseAuthFailure(answer) ?? { failed: 'protocol', text: 'login methods could not be read' }
  }
  return { failed: 'protocol', text: 'no answer to a login without credentials' }
}

/** A fresh connection as far as the server's KEXINIT. */
async function meet(target: Target): Promise<{ connection: Connection; transport: Transport; versions: Versions; payload: Uint8Array; init: KexInit } | Failure> {
  let connection: Connection
  try {
    connection = await target.open()
  } catch (error) {
    if (error instanceof Unseen) return { failed: 'closed', text: error.message }
    throw error
  }
  const server = await readVersion(connection)
  if (server === null) return { failed: 'closed', text: 'no identification on a further connection' }
  connection.write(`${ourVersion}\r\n`)
  const transport = transportOver(connection)
  const payload = await transport.receive()
  if (failed(payload)) return payload
  const init = parseKexInit(payload)
  return init === null ? { failed: 'protocol', text: 'no KEXINIT' } : { connection, transport, versions: { client: ourVersion, server }, payload, init }
}

async function hostKeyOf(target: Target, algorithm: string): Promise<Uint8Array | Failure> {
  const met = await meet(target)
  if (failed(met)) return met
  const choice = choose(met.init, algorithm)
  const blob = failed(choice) ? choice : await exchangeKeys(met.transport, met.versions, met.payload, choice, false)
  met.connection.close()
  return blob
}

/** Asks for a group of 1,024 bits, as old clients do, and sees how small a one the server gives. */
async function groupBits(target: Target): Promise<number | null | Failure> {
  const met = await meet(target)
  if (failed(met)) return met
  const kex = met.init.kex.find((name) => name.startsWith('diffie-hellman-group-exchange-')) ?? ''
  const choice = choose({ ...met.init, kex: ['diffie-hellman-group14-sha256'] }, met.init.hostKeys.find((name) => families.some((family) => family.test(name))) ?? '')
  if (failed(choice)) return choice
  met.transport.send(kexInit({ ...choice, kex }, new Uint8Array(16)))
  met.transport.send(bytesOf(message.gexRequest, u32(1024), u32(1024), u32(8192)))
  const answer = await met.transport.receive()
  met.connection.close()
  // A server that has no group so small hangs up or says so.
  if (failed(answer)) return answer.failed === 'closed' || answer.failed === 'reset' ? null : answer
  return parseGexGroup(answer)
}
