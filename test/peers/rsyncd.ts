import type { Peer, PeerPlace, Twins } from './peer.ts'

const base = {
  packages: ['rsync'],
  prepare: () => [['chmod', '600', 'secrets']],
  command: ({ directory, address, port }) => ['/usr/bin/rsync', '--daemon', '--no-detach', `--config=${directory}/rsyncd.conf`, `--address=${address}`, `--port=${port}`],
} satisfies Partial<Peer>

const conf = ({ directory }: PeerPlace, module: readonly string[]): string =>
  ['use chroot = no', `log file = ${directory}/log`, `pid file = ${directory}/pid`, `motd file = ${directory}/motd`, '[backup]', 'comment = nightly backups', `path = ${directory}/data`, ...module, ''].join('\n')

const files = { 'data/readme.txt': 'nothing to see\n', motd: 'Welcome to the mirror\n', secrets: 'somebody:a-long-password\n' }

export const rsyncd: Twins = {
  weak: { ...base, name: 'rsyncd weak', files: (place) => ({ 'rsyncd.conf': conf(place, []), ...files }) },
  hardened: { ...base, name: 'rsyncd hardened', files: (place) => ({ 'rsyncd.conf': conf(place, ['auth users = somebody', `secrets file = ${place.directory}/secrets`]), ...files }) },
}
