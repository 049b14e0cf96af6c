import type { Peer, Twins } from './peer.ts'
import { certificate } from './system.ts'

const base = {
  packages: ['nats-server', 'openssl'],
  user: 'nobody',
  command: ({ directory }) => ['/usr/sbin/nats-server', '-c', `${directory}/nats.conf`],
} satisfies Partial<Peer>

export const nats: Twins = {
  weak: { ...base, name: 'nats weak', files: ({ address, port }) => ({ 'nats.conf': `listen: "${address}:${port}"\n` }) },
  hardened: {
    ...base,
    name: 'nats hardened',
    files: ({ address, port, directory }) => ({
      'nats.conf': `listen: "${address}:${port}"\nauthorization { user: app, password: "cT5-long-and-random-9k2" }\ntls { cert_file: "${directory}/server.crt", key_file: "${directory}/server.key" }\n`,
    }),
    prepare: () => [certificate()],
  },
}
