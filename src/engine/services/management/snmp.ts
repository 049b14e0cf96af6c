import type { Facts } from '#core/observation.ts'
import type { Answers } from '../../net.ts'
import { Unseen } from '../../probe.ts'
import { triesDefaults, type Sighting, type UdpService, type UdpTarget } from '../../service.ts'
import { cpeOf, distroPart, productOf, type ProductRule } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'
import { enterpriseOf, readSnmp, snmpDiscovery, snmpGet, versions, type SnmpAnswer } from './snmp-message.ts'

const sysDescr = '1.3.6.1.2.1.1.1.0'
const sysObjectId = '1.3.6.1.2.1.1.2.0'
const sysName = '1.3.6.1.2.1.1.5.0'
/** The two communities that products ship with; tried once each, only where the profile tries defaults. */
const defaultCommunities = ['public', 'private'] as const

/**
 * SNMP. Asks for the engine of v3 (needs no credential) and, where the profile tries defaults, reads sysDescr, sysObjectID and
 * sysName with the communities `public` and `private` over v2c and v1. Nothing is ever set.
 * Facts: `versions` (that answered), `engineId`, `enterprise`, `engineTime` (seconds); with defaults: `communities` (those that
 * read),
 * `publicReadable`, `auth` (false when one reads), `sysDescr`, `sysName`, `sysObjectId`.
 * Reproduce: `snmpget -v2c -c public HOST sysDescr.0`; `snmpget -v3 -u x HOST sysDescr.0 -d`. Source: RFC 1157, 3412, 3414, 3416.
 */
export const snmp: UdpService = {
  name: 'snmp',
  defaults: true,
  ports: [161],
  async look(target) {
    const { tools } = target
    const id = 1 + (tools.now() & 0xffffff)
    const communities = triesDefaults(tools.profile) ? defaultCommunities : []
    // The question that every agent of version 3 answers goes last: its answer says that the others were there and kept silent
    // on.
    const questions = (identity: number): readonly Uint8Array[] => [
      ...communities.flatMap((community) =>
        [versions.v2c, versions.v1].map((version) => snmpGet(version, community, identity, [sysDescr, sysObjectId, sysName])),
      ),
      snmpDiscovery(identity),
    ]
    const first = await target.ask(questions(id), {
      until: (sofar) => sofar.length >= questions(id).length || sofar.some(isDiscovery),
    })
    const said = [first]
    const read = answersTo(first.answers, id)
    if (read.length === 0) return null
    let incomplete: Sighting['incomplete']
    if (communities.length > 0 && read.some((answer) => answer.version === 3) && read.length < questions(id).length) {
      // One datagram may get lost and answers may overtake each other: only what is silent twice is taken as refused.
      const again = await askAgain(target, questions(id + 1))
      if ('code' in again) incomplete = again
      else {
        said.push(again)
        read.push(...answersTo(again.answers, id + 1))
      }
    }
    const engine = read.find((answer) => answer.version === 3)
    const reads = read.filter((answer) => answer.version !== 3).filter((answer) => answer.error === 0 && answer.values.size > 0)
    const value = (oid: string): string | null => {
      const found = reads.map((answer) => answer.values.get(oid)).find((text) => text !== undefined)
      return found === undefined ? null : String(found)
    }
    const readable = communities.filter((community) => reads.some((answer) => answer.community === community))
    const facts: Facts = {
      versions: (['1', '2c', '3'] as const).filter((_, version) => read.some((answer) => answer.version === [0, 1, 3][version])),
      ...(engine?.version === 3
        ? { engineId: engine.engineId, enterprise: enterpriseOf(engine.engineId), engineTime: engine.engineTime }
        : {}),
      ...(triesDefaults(tools.profile)
        ? {
            communities: readable,
            publicReadable: readable.includes('public'),
            auth: readable.length === 0,
            sysDescr: value(sysDescr),
            sysName: value(sysName),
            sysObjectId: value(sysObjectId),
          }
        : {}),
    }
    return {
      ...agentOf(value(sysDescr), engine?.version === 3 ? enterpriseOf(engine.engineId) : null),
      facts,
      evidence: joinEvidence(...said.map(({ evidence }) => evidence)),
      ...(incomplete === undefined ? {} : { incomplete }),
    }
  },
}

const isDiscovery = (answer: Uint8Array): boolean => readSnmp(answer)?.version === 3

function answersTo(answers: readonly Uint8Array[], id: number): SnmpAnswer[] {
  return answers.map(readSnmp).filter((answer): answer is SnmpAnswer => answer !== null && answer.id === id)
}

async function askAgain(
  target: UdpTarget,
  questions: readonly Uint8Array[],
): Promise<Answers | NonNullable<Sighting['incomplete']>> {
  try {
    const again = await target.ask(questions, { until: (sofar) => sofar.some(isDiscovery) })
    return again.answers.some(isDiscovery) ? again : { code: 'silent', text: 'The agent stopped answering' }
  } catch (error) {
    if (!(error instanceof Unseen)) throw error
    return { code: error.code, text: 'The agent stopped answering' }
  }
}

const vendors: Readonly<Record<number, string>> = Object.freeze({
  9: 'Cisco',
  11: 'HP',
  311: 'Windows',
  674: 'Dell',
  1916: 'Extreme',
  2011: 'Huawei',
  2021: 'Net-SNMP',
  2636: 'Juniper',
  3375: 'F5',
  4526: 'NETGEAR',
  6876: 'VMware',
  8072: 'Net-SNMP',
  12356: 'Fortinet',
  14988: 'MikroTik',
  25461: 'Palo Alto',
  41112: 'Ubiquiti',
})

const agents: readonly ProductRule[] = [
  { pattern: /Cisco IOS.{0,120}?Version ([0-9A-Za-z.()]{3,32})/, product: 'Cisco IOS', cpe: 'cisco:ios' },
  { pattern: /^RouterOS(?: (\d[\w.]{1,20}))?/, product: 'RouterOS', cpe: 'mikrotik:routeros' },
]

/** Who the agent is: the description says more than the enterprise number of its engine. */
function agentOf(
  description: string | null,
  enterprise: number | null,
): Pick<Sighting, 'product' | 'version' | 'cpe' | 'distro'> {
  const named = productOf(description ?? '', agents)
  const vendor = enterprise === null ? undefined : vendors[enterprise]
  const cpe = vendor === 'Net-SNMP' ? { cpe: cpeOf('net-snmp:net-snmp') } : {}
  return {
    ...(named.product !== undefined ? named : vendor === undefined ? {} : { product: vendor, ...cpe }),
    ...distroPart(description ?? ''),
  }
}
