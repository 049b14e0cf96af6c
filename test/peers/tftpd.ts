import { boundUdp } from './look-other.ts'
import type { Peer } from './peer.ts'

export const tftpd: Peer = {
  name: 'tftpd-hpa',
  packages: ['tftpd-hpa'],
  needsRoot: true,
  files: () => ({ 'files/boot.cfg': 'nothing\n' }),
  command: ({ directory, address, port }) => ['/usr/sbin/in.tftpd', '-L', '--user', 'nobody', '--address', `${address}:${port}`, '-s', `${directory}/files`],
  ready: boundUdp,
}
