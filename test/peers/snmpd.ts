import { boundUdp } from './look-other.ts'
import type { Peer, Twins } from './peer.ts'

const base = {
  packages: ['snmpd'],
  command: ({ directory, address, port }) => ['/usr/sbin/snmpd', '-f', '-Lo', '-C', '-c', `${directory}/snmpd.conf`, '-I', '-smux', `udp:${address}:${port}`],
  environment: ({ directory }) => ({ SNMP_PERSISTENT_DIR: `${directory}/state`, MIBS: '' }),
  ready: boundUdp,
} satisfies Partial<Peer>

export const snmpd: Twins = {
  weak: { ...base, name: 'snmpd weak', files: () => ({ 'snmpd.conf': 'rocommunity public\nsysname peer.test\n' }) },
  /** Version 3 alone, with authentication and privacy. */
  hardened: { ...base, name: 'snmpd hardened', files: () => ({ 'snmpd.conf': 'createUser somebody SHA-256 "a-long-password" AES "another-password"\nrouser somebody priv\nsysname peer.test\n' }) },
}
