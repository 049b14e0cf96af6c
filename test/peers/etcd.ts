import type { Peer, Twins } from './peer.ts'

const base = {
  packages: ['etcd-server', 'etcd-client'],
  user: 'nobody',
  morePorts: 1,
  command: ({ address, port, more, directory }) => [
    '/usr/bin/etcd', '--name', 'peer', '--data-dir', `${directory}/data`, '--listen-client-urls', `http://${address}:${port}`, '--advertise-client-urls', `http://${address}:${port}`,
    '--listen-peer-urls', `http://${address}:${more[0]}`, '--initial-advertise-peer-urls', `http://${address}:${more[0]}`, '--initial-cluster', `peer=http://${address}:${more[0]}`, '--enable-v2=true',
  ],
} satisfies Partial<Peer>

export const etcd: Twins = {
  weak: { ...base, name: 'etcd weak' },
  /** Logins can only be switched on in a running store, so its own client does that before it counts as ready. */
  hardened: {
    ...base,
    name: 'etcd hardened',
    command: (place) => [...base.command(place).slice(0, -1), '--enable-v2=false'],
    async ready({ address, port }) {
      const { run } = await import('./system.ts')
      const control = (...args: readonly string[]): Promise<string> => run(['etcdctl', '--endpoints', `http://${address}:${port}`, ...args], { environment: { ETCDCTL_API: '3' } })
      try {
        const status = await control('auth', 'enable').catch((error: unknown) => String(error))
        if (/enabled|user name is empty/i.test(status)) return true
        await control('user', 'add', 'root:cT5-long-and-random-9k2').catch(() => '')
        await control('user', 'grant-role', 'root', 'root').catch(() => '')
        return false
      } catch {
        return false
      }
    },
  },
}
