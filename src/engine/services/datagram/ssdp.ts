import { textOf } from '../../net/transcript.ts'
import type { UdpService } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { amplification } from './amplification.ts'

/**
 * UPnP's search (SSDP), for root devices alone. What it says of itself is not followed up.
 * Facts: see FACTS.md. Reproduce: `gssdp-discover`, or nmap's `upnp-info`. Source: UPnP Device Architecture 1.1, 1.3.2.
 */
export const ssdp: UdpService = {
  name: 'ssdp',
  ports: [1900],
  async look({ ask, at }) {
    const host = at.address.includes(':') ? `[${at.address}]` : at.address
    const question = Buffer.from(`M-SEARCH * HTTP/1.1\r\nHOST: ${host}:${at.port}\r\nMAN: "ssdp:discover"\r\nMX: 1\r\nST: upnp:rootdevice\r\n\r\n`)
    const { answers, evidence } = await ask([question], { anyPort: true })
    const headers = readSsdp(answers[0]!)
    if (headers === null) return null
    const of = (name: string): string | null => headers.get(name) ?? null
    return { facts: { server: of('server'), location: of('location'), device: of('usn'), amplification: amplification(question, answers) }, evidence }
  },
}

/** Header names in lower case; null when it is no answer to a search. */
export function readSsdp(bytes: Uint8Array): ReadonlyMap<string, string> | null {
  const [first = '', ...lines] = textOf(bytes.subarray(0, 4096)).split(/\r?\n/)
  if (!/^HTTP\/1\.[01] 200\b/.test(first)) return null
  const headers = new Map<string, string>()
  for (const line of lines.slice(0, 64)) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), clean(line.slice(colon + 1)))
  }
  return headers.has('st') || headers.has('usn') ? headers : null
}
