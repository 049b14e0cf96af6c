import type { Peer, PeerPlace, Twins } from './peer.ts'

const base = {
  packages: ['samba'],
  needsRoot: true,
  prepare: () => [['mkdir', '-p', 'state', 'run', 'cache', 'private', 'lock'], ['chmod', '777', 'share'], ['chmod', '700', 'private']],
  command: ({ directory, port }) => ['/usr/sbin/smbd', '-F', '--no-process-group', '-s', `${directory}/smb.conf`, '-p', String(port), '-l', directory],
} satisfies Partial<Peer>

const conf = ({ address, directory }: PeerPlace, lines: readonly string[], share: readonly string[]): string => [
  '[global]', 'workgroup = PEERS', 'netbios name = PEER', 'server role = standalone server', `interfaces = ${address}/8`, 'bind interfaces only = yes', 'disable netbios = yes',
  'load printers = no', 'printing = bsd', 'disable spoolss = yes', `log file = ${directory}/smbd.log`,
  ...['state', 'cache', 'private'].map((name) => `${name} ${name === 'private' ? 'dir' : 'directory'} = ${directory}/${name}`),
  `lock directory = ${directory}/lock`, `pid directory = ${directory}/run`, `ncalrpc dir = ${directory}/run/ncalrpc`, ...lines, '[files]', `path = ${directory}/share`, ...share, '',
].join('\n')

export const samba: Twins = {
  weak: {
    ...base, name: 'Samba weak',
    files: (place) => ({
      'smb.conf': conf(place, ['server min protocol = NT1', 'map to guest = Bad User', 'server signing = disabled', 'restrict anonymous = 0'], ['guest ok = yes', 'read only = no']),
      'share/readme.txt': 'nothing to see\n',
    }),
  },
  hardened: {
    ...base, name: 'Samba hardened',
    files: (place) => ({
      'smb.conf': conf(place, ['server min protocol = SMB3_00', 'map to guest = Never', 'server signing = mandatory', 'server smb encrypt = desired', 'restrict anonymous = 2'], ['guest ok = no', 'read only = yes']),
      'share/readme.txt': 'nothing to see\n',
    }),
  },
}
