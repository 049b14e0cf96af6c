import type { Peer, PeerPlace, Twins } from './peer.ts'

const base = {
  packages: ['tinyproxy-bin'],
  command: ({ directory }) => ['/usr/bin/tinyproxy', '-d', '-c', `${directory}/tinyproxy.conf`],
} satisfies Partial<Peer>

const conf = ({ address, port, directory }: PeerPlace, lines: readonly string[]): string =>
  [`Port ${port}`, `Listen ${address}`, 'Timeout 30', 'MaxClients 20', `LogFile "${directory}/log"`, ...lines, ''].join('\n')

export const tinyproxy: Twins = {
  weak: { ...base, name: 'Tinyproxy weak', files: (place) => ({ 'tinyproxy.conf': conf(place, []) }) },
  hardened: { ...base, name: 'Tinyproxy hardened', files: (place) => ({ 'tinyproxy.conf': conf(place, ['BasicAuth somebody a-long-password']) }) },
}
