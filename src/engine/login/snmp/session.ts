import { randomInt } from 'node:crypto'
import type { Credential } from '#core/credential.ts'
import { failed, type Endpoint, type Failure } from '../../net.ts'
import type { Tools } from '../../probe.ts'
import { readSnmp, snmpDiscovery } from '../../services/management/snmp-message.ts'
import { pduOf, plainMessage, readPlain, readScoped, readSecure, scopedPdu, secureMessage, type Question, type Said, type Secure } from './message.ts'
import { decrypt, digestLength, encrypt, isSigned, localKey, needsStretch, privacyKey, sign, type Cipher, type Digest, type Stretch } from './usm.ts'

export type SnmpCredential = Credential & { kind: 'snmp' }
type Plain = SnmpCredential & { version: '2c' }
type User = SnmpCredential & { version: '3' }

export type SnmpSession = Readonly<{ method: string; ask(question: Question): Promise<Said | Failure> }>
export type Refusal = Readonly<{ outcome: 'failed' | 'not attempted'; why: string }>

const sysDescr = '1.3.6.1.2.1.1.1.0'
/** Ms for tables that an agent reads from its system first. */
const longAnswer = 10_000
const first: Question = { kind: 'get', oids: [sysDescr] }

/** Tries the record once; a session, or why there is none. */
export function openSnmp(to: Endpoint, credential: SnmpCredential, tools: Tools): Promise<SnmpSession | Refusal> {
  return credential.version === '2c' ? openPlain(to, credential, tools) : openSecure(to, credential, tools)
}

async function openPlain(to: Endpoint, { community }: Plain, tools: Tools): Promise<SnmpSession | Refusal> {
  const ask = async (question: Question, wait: number): Promise<Said | Failure> => {
    const id = newId()
    const mine = (bytes: Uint8Array): Said | null => {
      const said = readPlain(bytes)
      return said?.kind === 'response' && said.id === id ? said : null
    }
    const got = await tools.net.ask(to, [plainMessage(community, pduOf(question, id))], { wait, until: (answers) => answers.some((one) => mine(one) !== null) })
    if (failed(got)) return got
    return got.answers.map(mine).find((said) => said !== null) ?? { failed: 'protocol', text: 'what was answered is no answer to what was asked' }
  }
  const said = await ask(first, tools.profile.limits.answer)
  if (failed(said)) {
    if (said.failed !== 'timeout') return { outcome: 'not attempted', why: said.text }
    const engine = await discover(to, tools)
    return 'outcome' in engine ? { outcome: 'not attempted', why: 'nothing answers: no agent, one that does not know the community, or one that does not answer this address' } : { outcome: 'failed', why: 'the agent is there and does not answer to this community' }
  }
  if (said.error !== 0 && said.error !== noSuchName) return { outcome: 'failed', why: `the agent answers with error ${said.error}: the community may not read` }
  return { method: 'SNMPv2c, which is not encrypted', ask: (question) => ask(question, Math.max(longAnswer, tools.profile.limits.answer)) }
}

const noSuchName = 2

type Engine = Readonly<{ name: Buffer; boots: number; time: number }>

async function discover(to: Endpoint, tools: Tools): Promise<Engine | Refusal> {
  const id = newId()
  const answer = (bytes: Uint8Array) => {
    const said = readSnmp(bytes)
    return said?.version === 3 && said.id === id ? said : null
  }
  const got = await tools.net.ask(to, [snmpDiscovery(id)], { until: (answers) => answers.some((one) => answer(one) !== null) })
  if (failed(got)) return { outcome: 'not attempted', why: got.failed === 'timeout' ? 'no agent of version 3 answers' : got.text }
  const said = got.answers.map(answer).find((one) => one !== null)
  return said === undefined || said === null ? { outcome: 'not attempted', why: 'what answers is no agent of version 3' } : { name: Buffer.from(said.engineId, 'hex'), boots: Math.max(0, said.engineBoots), time: Math.max(0, said.engineTime) }
}

/** What an agent reports when it refuses, by the last number but one of its counter. Source: RFC 3414, 5. */
const reports: Readonly<Record<string, string>> = { 1: 'level', 2: 'window', 3: 'user', 4: 'engine', 5: 'digest', 6: 'decryption' }
type Trouble = Readonly<{ report: string }>
type Keys = Readonly<{ auth?: Readonly<{ by: Digest; key: Buffer }>; privacy?: Readonly<{ by: Cipher; key: Buffer }> }>

async function openSecure(to: Endpoint, credential: User, tools: Tools): Promise<SnmpSession | Refusal> {
  const { user, auth, privacy } = credential
  if (auth === undefined && privacy !== undefined) return { outcome: 'failed', why: 'the record has a key for privacy and none for authentication: there is no such login' }
  const engine = await discover(to, tools)
  if ('outcome' in engine) return engine
  const talk = talkOver(to, user, engine, tools)
  const authKey = auth === undefined ? undefined : { by: auth.by, key: localKey(auth.by, auth.key, engine.name) }
  const ways: readonly Stretch[] = auth !== undefined && privacy !== undefined && needsStretch(auth.by, privacy.by) ? ['blumenthal', 'reeder'] : ['blumenthal']
  let why = ''
  for (const stretch of ways) {
    const keys: Keys = { ...(authKey === undefined ? {} : { auth: authKey }), ...(auth === undefined || privacy === undefined ? {} : { privacy: { by: privacy.by, key: privacyKey(auth.by, privacy.by, privacy.key, engine.name, stretch) } }) }
    const said = await talk(keys, first, tools.profile.limits.answer)
    if ('kind' in said) {
      if (said.error === authorizationError) return { outcome: 'failed', why: `the user may not read: the agent wants another level than ${levelOf(credential)}, or gives the user no view` }
      return { method: `SNMPv3 ${levelOf(credential)} as ${user}`, ask: async (question) => plainFailure(await talk(keys, question, Math.max(longAnswer, tools.profile.limits.answer))) }
    }
    const trouble = 'report' in said ? said.report : await silenceOf(said, talk, authKey === undefined ? null : { auth: authKey }, privacy !== undefined, tools)
    why = whyOf(trouble, credential)
    if (trouble === 'silence') return { outcome: 'not attempted', why }
    if (trouble !== 'decryption') break
  }
  return { outcome: 'failed', why }
}

const authorizationError = 16

function levelOf({ auth, privacy }: User): string {
  return auth === undefined ? 'noAuthNoPriv' : privacy === undefined ? `authNoPriv (${auth.by})` : `authPriv (${auth.by}, ${privacy.by})`
}

function whyOf(trouble: string, credential: User): string {
  switch (trouble) {
    case 'user':
      return 'the agent does not know the user'
    case 'digest':
      return `the agent takes the authentication for wrong: another password, or another digest than ${credential.auth?.by ?? 'none'}`
    case 'decryption':
      return `authentication is right, and the agent cannot read what is encrypted: another password of privacy, or another cipher than ${credential.privacy?.by ?? 'none'}`
    case 'level':
      return `the agent does not offer ${levelOf(credential)} to this user`
    case 'window':
      return 'the agent takes the time for wrong even after it told its own'
    case 'engine':
      return 'the agent changes its name between two answers'
    case 'forged':
      return 'the answer is not signed with the password of the record'
    default:
      return 'the agent told its name and then kept silent'
  }
}

/** Agents that cannot read what is encrypted often keep silent: whether they answer to the same without it tells. */
async function silenceOf(said: Failure, talk: Talk, bare: Keys | null, isSealed: boolean, tools: Tools): Promise<string> {
  if (said.failed === 'protocol') return said.text
  if (bare === null || !isSealed) return 'silence'
  const again = await talk(bare, first, tools.profile.limits.answer)
  if ('kind' in again) return 'decryption'
  if (!('report' in again)) return 'silence'
  return again.report === 'level' ? 'decryption' : again.report
}

function plainFailure(said: Said | Trouble | Failure): Said | Failure {
  return 'report' in said ? { failed: 'protocol', text: `the agent reports: ${said.report}` } : said
}

type Talk = (keys: Keys, question: Question, wait: number) => Promise<Said | Trouble | Failure>

function talkOver(to: Endpoint, user: string, engine: Engine, tools: Tools): Talk {
  let clock = { boots: engine.boots, time: engine.time, at: tools.now() }
  const now = (): { boots: number; time: number } => ({ boots: clock.boots, time: clock.time + Math.max(0, Math.floor((tools.now() - clock.at) / 1000)) })

  async function once(keys: Keys, question: Question, wait: number): Promise<Said | Trouble | Failure> {
    const id = newId()
    const got = await tools.net.ask(to, [sealed(id, keys, question)], { wait, until: (answers) => answers.some((one) => readSecure(one)?.id === id) })
    if (failed(got)) return got
    for (const bytes of got.answers) {
      const message = readSecure(bytes)
      if (message !== null && message.id === id && message.engine.equals(engine.name)) return opened(bytes, message, keys)
    }
    return { failed: 'protocol', text: 'engine' }
  }

  function sealed(id: number, keys: Keys, question: Question): Uint8Array {
    const at = now()
    const scoped = scopedPdu(engine.name, pduOf(question, id))
    const cipher = keys.privacy === undefined ? null : encrypt(keys.privacy.by, keys.privacy.key, at, scoped)
    const head = { id, engine: engine.name, ...at, user, signed: keys.auth === undefined ? 0 : digestLength(keys.auth.by), sealed: cipher !== null, salt: cipher?.salt ?? new Uint8Array() }
    const { bytes, digestAt } = secureMessage(head, cipher?.bytes ?? scoped)
    if (keys.auth !== undefined) bytes.set(sign(keys.auth.by, keys.auth.key, bytes), digestAt)
    return bytes
  }

  function opened(bytes: Uint8Array, message: Secure, { auth, privacy }: Keys): Said | Trouble | Failure {
    const isOurs = auth !== undefined && message.isSigned && isSigned(auth.by, auth.key, bytes, message.digestAt)
    if (message.isSigned && !isOurs) return { report: 'forged' }
    const plain = !message.isSealed ? message.body : privacy === undefined ? null : decrypt(privacy.by, privacy.key, message, message.salt, message.body)
    const said = plain === null ? null : readScoped(plain)
    if (said === null) return { report: 'decryption' }
    if (said.kind === 'response') return (auth !== undefined && !isOurs) || (privacy !== undefined && !message.isSealed) ? { report: 'forged' } : said
    const counter = /^1\.3\.6\.1\.6\.3\.15\.1\.1\.(\d)\.0$/.exec(said.bindings[0]?.oid ?? '')?.[1] ?? ''
    const report = reports[counter] ?? 'something unknown'
    // Only who knows the key may set the clock.
    if (report === 'window' && isOurs) clock = { boots: message.boots, time: message.time, at: tools.now() }
    return { report }
  }

  return async (keys, question, wait) => {
    const said = await once(keys, question, wait)
    return 'report' in said && said.report === 'window' ? once(keys, question, wait) : said
  }
}

function newId(): number {
  return randomInt(1, 0x7fffffff)
}
