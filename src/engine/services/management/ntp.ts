import { Unseen } from '../../probe.ts'
import type { UdpService, UdpTarget } from '../../service.ts'
import { ntpControl, ntpMonlist, ntpTime, readNtpControl, readNtpPrivate, readNtpTime, variablesOf } from './ntp-message.ts'
import { productOf, type ProductRule } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'

const daemons: readonly ProductRule[] = [
  { pattern: /^ntpd ntpsec-(\d+\.\d+\.\d+)/, product: 'NTPsec', cpe: 'ntpsec:ntpsec' },
  { pattern: /^x?ntpd (\d+\.\d+\.\d+(?:p\d+)?)/, product: 'ntpd', cpe: 'ntp:ntp' },
]

/**
 * NTP. One time request (mode 3), then the two query interfaces that strangers should not have: READVAR (mode 6) and monlist
 * (mode 7), each asked once; what comes back is counted.
 * Facts: `stratum`, `protocol`, `refId`; `readvar` (mode 6 answered), `readvarBytes`, `system`, `processor`; `monlist` (mode 7
 * answered with
 * entries), `monlistBytes`; `amplification` (the greater of both, bytes answered over bytes asked).
 * Reproduce: `ntpq -c rv HOST`, `ntpdc -n -c monlist HOST`. Source: RFC 5905, 9327; CVE-2013-5211 for monlist.
 */
export const ntp: UdpService = {
  name: 'ntp',
  ports: [123],
  async look(target) {
    const { tools } = target
    const asked = tools.now()
    const first = await target.ask([ntpTime()])
    const time = readNtpTime(first.answers[0]!)
    if (time === null) return null
    // Most servers keep silent on both; how long that takes to be believed depends on how far away it is.
    const wait = Math.min(tools.profile.limits.answer, 1000 + 10 * (tools.now() - asked))
    const [control, monlist] = await Promise.all([
      second(target, ntpControl(), wait, (answers) => readNtpControl(answers.at(-1)!)?.more === false),
      second(target, ntpMonlist(), wait, (answers) => readNtpPrivate(answers.at(-1)!)?.more === false),
    ])
    const parts = (control?.answers ?? []).map(readNtpControl).filter((part) => part !== null)
    const readvar = parts.filter((part) => !part.error)
    const variables = variablesOf(
      readvar
        .sort((a, b) => a.offset - b.offset)
        .map((part) => part.text)
        .join(''),
    )
    const listed = (monlist?.answers ?? []).filter((answer) => (readNtpPrivate(answer)?.items ?? 0) > 0)
    const size = (answers: readonly Uint8Array[]): number => answers.reduce((sum, answer) => sum + answer.length, 0)
    const readvarBytes = size(control?.answers ?? [])
    const monlistBytes = size(listed)
    const most = Math.max(readvarBytes / ntpControl().length, monlistBytes / ntpMonlist().length)
    return {
      ...productOf(variables.get('version') ?? '', daemons),
      facts: {
        stratum: time.stratum,
        protocol: time.version,
        refId: time.refid,
        readvar: readvar.length > 0,
        readvarBytes,
        monlist: listed.length > 0,
        monlistBytes,
        amplification: Math.round(most * 10) / 10,
        system: variables.get('system') ?? null,
        processor: variables.get('processor') ?? null,
      },
      evidence: joinEvidence(...[first, control, monlist].filter((said) => said !== null).map((said) => said.evidence)),
    }
  },
}

/** The server is there, so silence to a further question is its answer: it does not serve that to us. */
async function second(target: UdpTarget, question: Uint8Array, wait: number, until: (answers: readonly Uint8Array[]) => boolean) {
  try {
    return await target.ask([question], { until, wait })
  } catch (error) {
    if (error instanceof Unseen && (error.code === 'silent' || error.code === 'refused')) return null
    throw error
  }
}
