import { existsSync } from 'node:fs'
import type { PeerPlace, Twins } from './peer.ts'
import { answersTcp } from './peer.ts'

const packages = ['xvfb', 'xauth', 'socat']

/**
 * An X server has no option to listen on one address alone: it listens on its Unix socket, and a relay on loopback stands before that. The
 * server is the main process, so that it is waited for while it removes its socket.
 */
const command = ({ address, port }: PeerPlace, access: string): readonly string[] => ['sh', '-c', [
  `socat TCP-LISTEN:${port},bind=${address},fork,reuseaddr UNIX-CONNECT:/tmp/.X11-unix/X${port} &`,
  `exec Xvfb :${port} -screen 0 640x480x16 -nolisten tcp -nolisten local ${access}`,
].join('\n')]

const ready = async (place: PeerPlace): Promise<boolean> => existsSync(`/tmp/.X11-unix/X${place.port}`) && answersTcp(place)

export const xvfb: Twins = {
  weak: { name: 'Xvfb weak', packages, ready, command: (place) => command(place, '-ac') },
  hardened: {
    name: 'Xvfb hardened', packages, ready,
    prepare: ({ directory, port }) => [['sh', '-c', `touch cookie && xauth -f ${directory}/cookie add :${port} . 00112233445566778899aabbccddeeff`]],
    command: (place) => command(place, `-auth ${place.directory}/cookie`),
  },
}
