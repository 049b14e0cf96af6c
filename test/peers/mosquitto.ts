import type { Peer, PeerPlace, Twins } from './peer.ts'
import { certificate } from './system.ts'

const base = {
  packages: ['mosquitto', 'openssl'],
  user: 'mosquitto',
  command: ({ directory }) => ['/usr/sbin/mosquitto', '-c', `${directory}/mosquitto.conf`],
} satisfies Partial<Peer>

const conf = ({ address, port }: PeerPlace, lines: readonly string[]): string => [`listener ${port} ${address}`, 'persistence false', 'sys_interval 1', ...lines, ''].join('\n')

export const mosquitto: Twins = {
  weak: { ...base, name: 'Mosquitto weak', files: (place) => ({ 'mosquitto.conf': conf(place, ['allow_anonymous true']) }) },
  hardened: {
    ...base, name: 'Mosquitto hardened',
    files: (place) => ({
      'mosquitto.conf': conf(place, [
        'allow_anonymous false', `password_file ${place.directory}/passwords`, `certfile ${place.directory}/server.crt`, `keyfile ${place.directory}/server.key`, 'tls_version tlsv1.2', 'ciphers ECDHE+AESGCM',
      ]),
    }),
    prepare: () => [certificate(), ['sh', '-c', 'umask 077; mosquitto_passwd -c -b passwords somebody a-long-password']],
  },
}
