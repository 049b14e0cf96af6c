import type { Peer, PeerPlace, Twins } from './peer.ts'
import { boundUdp } from './look-other.ts'

const base = {
  packages: ['unbound'],
  needsRoot: true,
  command: ({ directory }) => ['/usr/sbin/unbound', '-d', '-p', '-c', `${directory}/unbound.conf`],
  ready: boundUdp,
} satisfies Partial<Peer>

/** The whole tree of names is a local zone: it never asks anybody. */
const conf = ({ address, port, directory }: PeerPlace, lines: readonly string[]): string => [
  'server:', `  directory: "${directory}"`, `  interface: ${address}`, `  port: ${port}`, '  chroot: ""', '  username: ""', '  do-daemonize: no', '  module-config: "iterator"', '  local-zone: "." static',
  '  use-syslog: no', ...lines.map((line) => `  ${line}`), 'remote-control:', '  control-enable: no', '',
].join('\n')

export const unbound: Twins = {
  weak: { ...base, name: 'Unbound weak', files: (place) => ({ 'unbound.conf': conf(place, ['access-control: 0.0.0.0/0 allow']) }) },
  hardened: {
    ...base, name: 'Unbound hardened',
    files: (place) => ({ 'unbound.conf': conf(place, ['access-control: 0.0.0.0/0 refuse', 'access-control: 127.0.0.0/8 refuse', 'hide-version: yes', 'hide-identity: yes']) }),
  },
}
