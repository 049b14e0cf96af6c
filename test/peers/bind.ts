import type { Peer, PeerPlace, Twins } from './peer.ts'
import { boundUdp } from './look-other.ts'

const base = {
  packages: ['bind9'],
  user: 'bind',
  needsRoot: true,
  command: ({ directory }) => ['/usr/sbin/named', '-g', '-n', '1', '-c', `${directory}/named.conf`],
  ready: boundUdp,
} satisfies Partial<Peer>

/** It holds a root of its own, so that no question ever leaves this machine. */
const conf = ({ address, port, directory }: PeerPlace, lines: readonly string[]): string => [
  'options {', `directory "${directory}"; listen-on port ${port} { ${address}; }; listen-on-v6 { none; }; pid-file none; session-keyfile "${directory}/session.key";`,
  'dnssec-validation no; empty-zones-enable no; hostname "ns1.peer.test"; notify no; minimal-any no;', ...lines, '};', 'controls { };',
  'zone "." { type primary; file "root.zone"; };', 'zone "peer.test" { type primary; file "peer.zone"; };', '',
].join('\n')

const zones = {
  'root.zone': '$TTL 60\n@ SOA ns1.peer.test. root.peer.test. 1 60 60 60 60\n@ NS ns1.peer.test.\npeer.test. NS ns1.peer.test.\nns1.peer.test. A 127.0.0.1\n'
    + Array.from({ length: 12 }, (_, index) => `@ TXT "filler ${index} ${'x'.repeat(60)}"\n`).join(''),
  'peer.zone': '$TTL 60\n@ SOA ns1 root 1 60 60 60 60\n@ NS ns1\nns1 A 127.0.0.1\nsecret-host A 127.0.0.2\n',
}

export const bind: Twins = {
  /** Resolves for anybody, gives its zones away, tells its version. */
  weak: {
    ...base, name: 'BIND weak',
    files: (place) => ({ 'named.conf': conf(place, ['recursion yes; allow-recursion { any; }; allow-query { any; }; allow-transfer { any; };']), ...zones }),
  },
  hardened: {
    ...base, name: 'BIND hardened',
    files: (place) => ({ 'named.conf': conf(place, ['recursion no; allow-transfer { none; }; version none; minimal-responses yes; allow-query { none; };']), ...zones }),
  },
}
