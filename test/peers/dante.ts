import type { Peer, PeerPlace, Twins } from './peer.ts'

const base = {
  packages: ['dante-server'],
  needsRoot: true,
  command: ({ directory }) => ['/usr/sbin/danted', '-f', `${directory}/danted.conf`, '-p', `${directory}/pid`],
} satisfies Partial<Peer>

const conf = ({ address, port }: PeerPlace, method: string): string => [
  'logoutput: stderr', `internal: ${address} port = ${port}`, `external: ${address}`, 'clientmethod: none', `socksmethod: ${method}`, 'user.privileged: root', 'user.unprivileged: nobody',
  'client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }', 'socks pass { from: 127.0.0.0/8 to: 127.0.0.0/8 }', '',
].join('\n')

export const dante: Twins = {
  weak: { ...base, name: 'Dante weak', files: (place) => ({ 'danted.conf': conf(place, 'none') }) },
  hardened: { ...base, name: 'Dante hardened', files: (place) => ({ 'danted.conf': conf(place, 'username') }) },
}
