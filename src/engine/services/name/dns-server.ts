import type { Sighting } from '../../service.ts'
import { distroPart, productOf, type ProductRule } from '../product.ts'

const servers: readonly ProductRule[] = [
  // BIND says only its number, sometimes with the packager's suffix.
  { pattern: /^(?:BIND )?(9\.\d{1,3}\.\d{1,3}(?:-[PWS]\d+)?)(?:[-+ ]|$)/, product: 'BIND', cpe: 'isc:bind' },
  { pattern: /^dnsmasq-(?:pi-hole-)?v?(\d+\.\d+)/i, product: 'dnsmasq', cpe: 'thekelleys:dnsmasq' },
  { pattern: /^unbound (\d+\.\d+\.\d+)/i, product: 'Unbound', cpe: 'nlnetlabs:unbound' },
  { pattern: /^PowerDNS Authoritative Server (\d+\.\d+\.\d+)/i, product: 'PowerDNS', cpe: 'powerdns:authoritative_server' },
  { pattern: /^PowerDNS Recursor (\d+\.\d+\.\d+)/i, product: 'PowerDNS Recursor', cpe: 'powerdns:recursor' },
  { pattern: /^NSD (\d+\.\d+\.\d+)/i, product: 'NSD', cpe: 'nlnetlabs:name_server_daemon' },
  { pattern: /^Knot DNS (\d+\.\d+\.\d+)/i, product: 'Knot DNS', cpe: 'nic:knot_dns' },
  { pattern: /^CoreDNS-(\d+\.\d+\.\d+)/i, product: 'CoreDNS', cpe: 'coredns.io:coredns' },
  { pattern: /^Microsoft DNS (\d+\.\d+\.\d+)/i, product: 'Microsoft DNS' },
]

/** What `version.bind` says of the server. */
export function serverOf(text: string | null): Pick<Sighting, 'product' | 'version' | 'cpe' | 'distro'> {
  if (text === null) return {}
  return { ...productOf(text, servers), ...distroPart(text) }
}
