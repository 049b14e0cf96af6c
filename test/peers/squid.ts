import type { Peer, PeerPlace, Twins } from './peer.ts'

const base = {
  packages: ['squid'],
  needsRoot: true,
  user: 'proxy',
  command: ({ directory }) => ['/usr/sbin/squid', '-N', '-f', `${directory}/squid.conf`],
} satisfies Partial<Peer>

// Name servers are loopback and its pinger is off: it calls nobody.
const conf = ({ address, port, directory }: PeerPlace, access: readonly string[]): string => [
  `http_port ${address}:${port}`, 'visible_hostname peer.test', `pid_filename ${directory}/pid`, 'access_log none', `cache_log ${directory}/cache.log`, 'cache deny all', 'cache_mem 8 MB',
  `coredump_dir ${directory}`, 'dns_nameservers 127.0.0.1', 'pinger_enable off', 'shutdown_lifetime 1 seconds', 'netdb_filename none', ...access, '',
].join('\n')

export const squid: Twins = {
  weak: { ...base, name: 'Squid weak', files: (place) => ({ 'squid.conf': conf(place, ['http_access allow all']) }) },
  hardened: { ...base, name: 'Squid hardened', files: (place) => ({ 'squid.conf': conf(place, ['http_access deny all']) }) },
}
