import type { Peer, Twins } from './peer.ts'

const base = { packages: ['microsocks'] } satisfies Partial<Peer>

export const microsocks: Twins = {
  weak: { ...base, name: 'microsocks weak', command: ({ address, port }) => ['/usr/bin/microsocks', '-i', address, '-p', String(port)] },
  hardened: { ...base, name: 'microsocks hardened', command: ({ address, port }) => ['/usr/bin/microsocks', '-i', address, '-p', String(port), '-u', 'somebody', '-P', 'a-long-password'] },
}
