import type { Peer, Twins } from './peer.ts'
import { certificate } from './system.ts'

const base = {
  packages: ['rabbitmq-server', 'openssl'],
  needsRoot: true,
  user: 'rabbitmq',
  morePorts: 2,
  // The node, its port mapper and its distribution port stay on loopback; nothing else knows them.
  environment: ({ directory, address, more: [distribution = 0, mapper = 0] }) => ({
    HOME: directory, RABBITMQ_NODENAME: `vigil${distribution}@localhost`, RABBITMQ_MNESIA_BASE: `${directory}/data`, RABBITMQ_LOG_BASE: `${directory}/log`,
    RABBITMQ_CONFIG_FILE: `${directory}/rabbitmq.conf`, RABBITMQ_ENABLED_PLUGINS_FILE: `${directory}/plugins`, RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_PID_FILE: `${directory}/pid`, RABBITMQ_LOGS: '-', RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-start_epmd false -kernel inet_dist_use_interface {127,0,0,1}', ERL_EPMD_ADDRESS: address, ERL_EPMD_PORT: String(mapper),
  }),
  // Erlang would start a port mapper that outlives it; ours belongs to the group that is stopped.
  command: () => ['sh', '-c', 'epmd & until epmd -names > /dev/null 2>&1; do sleep 0.05; done; exec /usr/lib/rabbitmq/bin/rabbitmq-server'],
} satisfies Partial<Peer>

const conf = (lines: readonly string[]): string => ['log.console.level = warning', ...lines, ''].join('\n')

export const rabbitmq: Twins = {
  weak: { ...base, name: 'RabbitMQ weak', files: (place) => ({ 'rabbitmq.conf': conf([`listeners.tcp.1 = ${place.address}:${place.port}`]), plugins: '[].\n' }) },
  hardened: {
    ...base, name: 'RabbitMQ hardened',
    files: ({ address, port, directory }) => ({
      'rabbitmq.conf': conf([
        'default_user = somebody', 'default_pass = a-long-password', 'listeners.tcp = none', `listeners.ssl.1 = ${address}:${port}`, `ssl_options.certfile = ${directory}/server.crt`, `ssl_options.keyfile = ${directory}/server.key`,
        // Below TLS 1.3 Erlang takes elliptic curves that are too small, and this file has no word for that.
        'ssl_options.versions.1 = tlsv1.3', 'ssl_options.honor_cipher_order = true', 'ssl_options.ciphers.1 = TLS_AES_256_GCM_SHA384',
      ]),
      plugins: '[].\n',
    }),
    prepare: () => [certificate()],
  },
}
