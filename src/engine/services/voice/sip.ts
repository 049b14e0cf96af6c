import type { Evidence, Facts } from '#core/observation.ts'
import { failed } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import { Unseen } from '../../probe.ts'
import type { Service, Sighting, UdpService, UdpTarget } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { joinEvidence } from '../wire/reply.ts'
import { distroPart, productOf, type ProductRule } from '../product.ts'
import { readSip, sipEnd, sipRequest, type SipAnswer, type SipMethod } from './sip-message.ts'

/** As they name themselves in Server or User-Agent. */
const products: readonly ProductRule[] = [
  { pattern: /^Asterisk PBX (?:certified\/)?(\d+\.\d+(?:\.\d+)*(?:-cert\d+)?)/, product: 'Asterisk', cpe: 'digium:asterisk' },
  { pattern: /^Asterisk\b/, product: 'Asterisk', cpe: 'digium:asterisk' },
  { pattern: /^FPBX-(\d[\w.]*)/, product: 'FreePBX', cpe: 'sangoma:freepbx' },
  { pattern: /^FreeSWITCH-mod_sofia\/(\d+\.\d+\.\d+)/, product: 'FreeSWITCH', cpe: 'freeswitch:freeswitch' },
  { pattern: /^FreeSWITCH/, product: 'FreeSWITCH', cpe: 'freeswitch:freeswitch' },
  { pattern: /^kamailio(?: \((\d+\.\d+\.\d+))?/i, product: 'Kamailio', cpe: 'kamailio:kamailio' },
  { pattern: /^OpenSIPS(?: \((\d+\.\d+\.\d+))?/i, product: 'OpenSIPS', cpe: 'opensips:opensips' },
  { pattern: /^3CXPhoneSystem (\d+(?:\.\d+)*)/, product: '3CX Phone System', cpe: '3cx:3cx' },
  { pattern: /^Cisco-SIPGateway\/IOS-([\w.()]{1,40})/, product: 'Cisco IOS SIP gateway' },
  { pattern: /^Cisco-(?:CUCM)?(\d+\.\d+)?/, product: 'Cisco Unified Communications Manager' },
  { pattern: /^Grandstream \S+ (\d+(?:\.\d+)+)/, product: 'Grandstream device' },
  { pattern: /^Yealink \S+ (\d+(?:\.\d+)+)/, product: 'Yealink phone' },
  { pattern: /^Linphone\w*\/(\d+\.\d+\.\d+)/i, product: 'Linphone' },
]

type Asked = Readonly<{ answer: SipAnswer | null; evidence: Evidence }>

/**
 * SIP over UDP. OPTIONS tells what it is; REGISTER without a contact, of a name that nobody has, tells whether a registrar answers strangers: it asks and changes nothing. Where it was granted, a method
 * that there is not is asked as well: who grants that too is no registrar.
 * Facts: see FACTS.md. Reproduce: `sipsak -vv -s sip:HOST`. Source: RFC 3261.
 */
export const sipUdp: UdpService = {
  name: 'sip',
  ports: [5060],
  async look(target) {
    const options = await askUdp(target, 'OPTIONS')
    if (options.answer === null) return null
    const register = await further(target, 'REGISTER')
    const control = register?.answer?.status === 200 ? await further(target, 'NOTHING') : null
    const said = [options, register, control].filter((one) => one !== null)
    return sightingOf(options.answer, register?.answer ?? null, control?.answer ?? null, joinEvidence(...said.map(({ evidence }) => evidence)))
  },
}

/** The same over TCP, and inside TLS. */
export const sip: Service = {
  name: 'sip',
  ports: [5060],
  tlsPorts: [5061],
  async look({ open, at, tls }) {
    const connection = await open()
    const ask = async (method: SipMethod): Promise<SipAnswer | null> => {
      const request = sipRequest(method, at.address, tls ? 'TLS' : 'TCP')
      connection.write(request.text)
      const answer = await connection.read({ until: sipEnd, most: 32_768 })
      return failed(answer) ? null : lastOf(answer.bytes, request.call)
    }
    const options = await ask('OPTIONS')
    if (options === null) return null
    const register = await ask('REGISTER')
    return sightingOf(options, register, register?.status === 200 ? await ask('NOTHING') : null, connection.evidence())
  },
}

async function askUdp(target: UdpTarget, method: SipMethod): Promise<Asked> {
  const request = sipRequest(method, target.at.address, 'UDP')
  const isFinal = (bytes: Uint8Array): boolean => (readSip(bytes, request.call)?.status ?? 200) >= 200
  const { answers, evidence } = await target.ask([Buffer.from(request.text)], { until: (list) => list.some(isFinal) })
  return { answer: answers.map((bytes) => readSip(bytes, request.call)).findLast((one) => one !== null) ?? null, evidence }
}

/** It is there, so silence to a further question leaves only that question open. */
async function further(target: UdpTarget, method: SipMethod): Promise<Asked | null> {
  try {
    return await askUdp(target, method)
  } catch (error) {
    if (error instanceof Unseen && (error.code === 'silent' || error.code === 'refused')) return null
    throw error
  }
}

/** Behind provisional answers the one that counts. */
function lastOf(bytes: Uint8Array, call: string): SipAnswer | null {
  const text = textOf(bytes)
  return readSip(Buffer.from(text.slice(Math.max(0, text.lastIndexOf('SIP/2.0 '))), 'latin1'), call)
}

/** Without an answer to one of the questions nothing is said of a registrar, neither that it lets strangers in nor that it does not any more. */
function sightingOf(options: SipAnswer, register: SipAnswer | null, control: SipAnswer | null, evidence: Evidence): Sighting {
  const agent = [options, register].map((answer) => answer?.header('server') ?? answer?.header('user-agent')).find((text) => text != null) ?? ''
  const methods = options.all('allow').flatMap((line) => line.split(',')).map((name) => name.trim().toUpperCase()).filter((name) => /^[A-Z]{3,20}$/.test(name)).slice(0, 30)
  const facts: Record<string, Facts[string]> = { status: options.status, methods: [...new Set(methods)], ...(agent === '' ? {} : { agent: clean(agent, 120) }), ...(register === null ? {} : registrarFacts(register, control)) }
  const isOpen = register === null || (register.status === 200 && control === null)
  return { ...productOf(agent, products), ...distroPart(agent), facts, evidence, ...(isOpen ? { incomplete: { code: 'timeout', text: `no answer to ${register === null ? 'REGISTER' : 'a method that there is not'}` } } : {}) }
}

/** Only an answer that a registrar alone gives says anything: to be let in where nonsense is refused, or to be asked who one is. */
function registrarFacts(answer: SipAnswer, control: SipAnswer | null): Record<string, Facts[string]> {
  if (answer.status === 200) return control !== null && control.status >= 300 ? { registerAuth: false } : {}
  if (answer.status !== 401 && answer.status !== 407) return {}
  const challenges = answer.all(answer.status === 401 ? 'www-authenticate' : 'proxy-authenticate')
  const realm = /realm="([^"]{0,120})"/i.exec(challenges[0] ?? '')?.[1]
  return { registerAuth: true, digests: [...new Set(challenges.map((one) => /algorithm="?([\w-]{1,20})/i.exec(one)?.[1]?.toUpperCase() ?? 'MD5'))], ...(realm === undefined ? {} : { realm: clean(realm, 120) }) }
}
