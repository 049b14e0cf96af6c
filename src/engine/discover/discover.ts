import { eachPort, parsePorts } from '#core/port-set.ts'
import type { Shapes } from '#core/observation.ts'
import { failed } from '../net.ts'
import type { Tools } from '../probe.ts'

export const discoverId = 'discover@1'

/**
 * Whether a host is there: it is, if any port of `profile.discovery.tcp` answers, be it by refusing. All are knocked on at once; the first
 * answer counts. No answer is no proof of absence: such a host is reported as silent, and with `alwaysUp` looked at all the same.
 */
export async function discover(address: string, tools: Tools): Promise<Shapes['host']> {
  const ports = [...eachPort(parsePorts(tools.profile.discovery.tcp))].slice(0, 64)
  if (tools.profile.discovery.alwaysUp || ports.length === 0) return { up: true, why: 'taken as up by the profile' }
  const answer = await new Promise<string | null>((resolve) => {
    let left = ports.length
    for (const port of ports) {
      void tools.net.knock({ address, port }).then((result) => {
        if (result === 'open') resolve(`port ${port} is open`)
        else if (failed(result) && (result.failed === 'refused' || result.failed === 'reset')) resolve(`port ${port} answers by refusing`)
        left -= 1
        if (left === 0) resolve(null)
      })
    }
  })
  return answer === null ? { up: false, why: `no answer on ${ports.length} ports` } : { up: true, why: answer }
}
