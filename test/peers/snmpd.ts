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

/** Users of every level, and a community that no product ships with. `narrow` sees nothing but its own name. */
export const snmpdUsers: Peer = {
  ...base, name: 'snmpd users',
  files: () => ({
    'snmpd.conf': [
      ...users.flatMap(({ user, auth, privacy }) => [`createUser ${user}${auth === null ? '' : ` ${auth} "a-long-password"`}${privacy === null ? '' : ` ${privacy} "another-password"`}`, `rouser ${user} ${auth === null ? 'noauth' : privacy === null ? 'auth' : 'priv'}`]),
      'createUser narrow SHA "a-long-password"', 'view little included 1.3.6.1.2.1.1.5', 'rouser narrow auth -V little', 'rocommunity a-hidden-community', 'sysname peer.test', 'syslocation somewhere', '',
    ].join('\n'),
  }),
}

export const users = [
  { user: 'nobody', auth: null, privacy: null }, { user: 'signs', auth: 'SHA-384', privacy: null }, { user: 'md-des', auth: 'MD5', privacy: 'DES' }, { user: 'sha-aes', auth: 'SHA', privacy: 'AES' },
  { user: 'sha-aes-256', auth: 'SHA', privacy: 'AES-256' }, { user: 'sha224-aes', auth: 'SHA-224', privacy: 'AES' }, { user: 'sha256-aes', auth: 'SHA-256', privacy: 'AES' }, { user: 'sha512-aes-256', auth: 'SHA-512', privacy: 'AES-256' },
] as const
