import { boundUdp } from './look-other.ts'
import type { Peer, Twins } from './peer.ts'

/** NTP has one port, and ntpd listens on the loopback interface's own addresses alone: only one twin can run at a time. */
const base = {
  packages: ['ntpsec'],
  needsRoot: true,
  command: ({ directory }) => ['/usr/sbin/ntpd', '-n', '-c', `${directory}/ntp.conf`, '-f', `${directory}/drift`],
  ready: () => boundUdp({ port: 123 }),
} satisfies Partial<Peer>

/** No other interface, no server to ask, and the machine's clock is left alone. */
const conf = (restrict: string): string => ['interface ignore wildcard', 'interface ignore all', 'disable ntp', 'tos orphan 5', restrict, ''].join('\n')

export const ntpsec: Twins = {
  weak: { ...base, name: 'NTPsec weak', files: () => ({ 'ntp.conf': conf('restrict default\nrestrict 127.0.0.1') }) },
  hardened: { ...base, name: 'NTPsec hardened', files: () => ({ 'ntp.conf': conf('restrict default kod limited nomodify noquery') }) },
}
