import type { Peer, PeerPlace, Twins } from './peer.ts'

const base = {
  packages: ['tigervnc-standalone-server', 'tigervnc-tools'],
  environment: ({ directory }) => ({ HOME: directory }),
} satisfies Partial<Peer>

/** The display number is taken from the port, so that twins do not meet. */
const command = ({ address, port }: PeerPlace, more: readonly string[]): readonly string[] =>
  ['/usr/bin/Xtigervnc', `:${port}`, '-rfbport', String(port), '-interface', address, '-nolisten', 'tcp', '-nolisten', 'local', '-geometry', '640x480', '-depth', '16', ...more]

export const xvnc: Twins = {
  weak: { ...base, name: 'TigerVNC weak', command: (place) => command(place, ['-SecurityTypes', 'None']) },
  hardened: {
    ...base, name: 'TigerVNC hardened',
    prepare: () => [['sh', '-c', 'echo a-long-password | tigervncpasswd -f > password']],
    command: (place) => command(place, ['-SecurityTypes', 'TLSVnc', '-PasswordFile', `${place.directory}/password`]),
  },
}
