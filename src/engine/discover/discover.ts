import { eachPort, parsePorts } from '#core/port-set.ts'
import type { Shapes } from '#core/observation.ts'
import { failed } from '../net.ts'
import type { Tools } from '../probe.ts'

export const discoverId = 'discover@1'

const likeliest = [443, 80, 22, 445]

/**
 * Whether a host is there: by packets where they may be sent (see `Net.look`). Else it is, if any port of `profile.discovery.tcp` answers, be it by refusing. The likeliest are knocked on first, the
 * rest if those keep silent for a moment; the first answer counts. No answer is no proof of absence: such a host is reported as silent, and with `alwaysUp` looked at all the same.
 */
export async function discover(address: string, tools: Tools): Promise<Shapes['host']> {
  const listed = [...eachPort(parsePorts(tools.profile.discovery.tcp))].slice(0, 64)
  const ports = [...likeliest.filter((port) => listed.includes(port)), ...listed.filter((port) => !likeliest.includes(port))]
  if (tools.profile.discovery.alwaysUp || ports.length === 0) return { up: true, why: 'taken as up by the profile' }
  const looked = await tools.net.look(address, ports)
  if (looked !== null) return { up: looked.up, why: looked.why }
  const answer = await knockInWaves(address, ports, tools)
  return answer === null ? { up: false, why: `no answer on ${ports.length} ports` } : { up: true, why: answer }
}

/** Ports of the first wave, and how long it has before the second follows. */
const firstWave = 4
const moment = 200

function knockInWaves(address: string, ports: readonly number[], tools: Tools): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let left = ports.length
    let timer: NodeJS.Timeout | null = null
    const finish = (answer: string | null): void => {
      if (timer !== null) clearTimeout(timer)
      timer = null
      resolve(answer)
    }
    const send = (wave: readonly number[]): void => {
      for (const port of wave) {
        tools.net.knock({ address, port }).then((result) => {
          left -= 1
          if (result === 'open') finish(`port ${port} is open`)
          // What a firewall on the way refuses says nothing of the host.
          else if (failed(result) && (result.failed === 'refused' || result.by === null || result.by === address)) finish(`port ${port} answers by refusing`)
          else if (left === 0) finish(null)
        }, reject)
      }
    }
    if (ports.length > firstWave) timer = setTimeout(() => send(ports.slice(firstWave)), moment)
    send(ports.slice(0, firstWave))
  })
}
