import { randomInt } from 'node:crypto'
import type { UdpService } from '../../service.ts'
import { dnsQuery, readDns } from '../name/dns-message.ts'
import { amplification } from './amplification.ts'

const everyService = '_services._dns-sd._udp.local'
const pointer = 12

/**
 * Multicast DNS, asked directly, which only neighbours should be answered: the kinds of services that it announces.
 * Facts: see FACTS.md. Reproduce: `dig @HOST -p 5353 PTR _services._dns-sd._udp.local`. Source: RFC 6762, 5.5 and 6.7; RFC 6763, 9.
 */
export const mdns: UdpService = {
  name: 'mdns',
  ports: [5353],
  async look({ ask }) {
    const id = randomInt(1, 65_536)
    const question = dnsQuery({ id, name: everyService, type: pointer })
    const { answers, evidence } = await ask([question])
    const message = readDns(answers[0]!)
    if (message === null || !message.response || (message.id !== id && message.id !== 0)) return null
    const services = message.answers.filter((one) => one.type === pointer && one.name.toLowerCase() === everyService).length
    // A plain DNS server on this port would answer too, and knows nothing of `local`.
    return services === 0 ? null : { facts: { services, amplification: amplification(question, answers) }, evidence }
  },
}
