import type { Peer, Twins } from './peer.ts'

const base = { packages: ['memcached'], user: 'nobody' } satisfies Partial<Peer>

export const memcached: Twins = {
  /** On the UDP port of the same number too, which makes it an amplifier. */
  weak: { ...base, name: 'memcached weak', command: ({ address, port }) => ['/usr/bin/memcached', '-l', address, '-p', String(port), '-U', String(port), '-m', '16'] },
  hardened: {
    ...base,
    name: 'memcached hardened',
    files: () => ({ users: 'app:cT5-long-and-random-9k2\n' }),
    command: ({ address, port, directory }) => ['/usr/bin/memcached', '-l', address, '-p', String(port), '-U', '0', '-m', '16', '-Y', `${directory}/users`],
  },
}

/** SASL, which lets nothing but the binary protocol in. */
export const memcachedSasl: Peer = {
  ...base,
  name: 'memcached with SASL',
  files: ({ directory }) => ({ 'sasl/memcached.conf': `mech_list: plain\npwcheck_method: auxprop\nsasldb_path: ${directory}/sasl/passwords\n` }),
  environment: ({ directory }) => ({ SASL_CONF_PATH: `${directory}/sasl` }),
  command: ({ address, port }) => ['/usr/bin/memcached', '-l', address, '-p', String(port), '-U', '0', '-m', '16', '-S'],
}
