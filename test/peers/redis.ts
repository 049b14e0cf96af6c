import type { Peer, Twins } from './peer.ts'

const base = {
  packages: ['redis-server'],
  user: 'nobody',
  command: ({ directory }) => ['/usr/bin/redis-server', `${directory}/redis.conf`],
} satisfies Partial<Peer>

export const redis: Twins = {
  weak: {
    ...base,
    name: 'redis weak',
    files: ({ address, port, directory }) => ({ 'redis.conf': [`bind ${address}`, `port ${port}`, `dir ${directory}`, 'protected-mode no', 'save ""', ''].join('\n') }),
  },
  hardened: {
    ...base,
    name: 'redis hardened',
    files: ({ address, port, directory }) => ({ 'redis.conf': [`bind ${address}`, `port ${port}`, `dir ${directory}`, 'protected-mode yes', 'save ""', 'requirepass cT5-long-and-random-9k2', ''].join('\n') }),
  },
}
