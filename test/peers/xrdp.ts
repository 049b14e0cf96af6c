import type { Peer, PeerPlace, Twins } from './peer.ts'
import { certificate } from './system.ts'

const base = {
  packages: ['xrdp', 'openssl'],
  needsRoot: true,
  prepare: () => [certificate(), ['xrdp-keygen', 'xrdp', 'rsakeys.ini']],
  command: ({ directory }) => ['/usr/sbin/xrdp', '--nodaemon', '--config', `${directory}/xrdp.ini`],
} satisfies Partial<Peer>

const conf = ({ address, port, directory }: PeerPlace, lines: readonly string[]): string => [
  '[Globals]', 'ini_version=1', `port=tcp://${address}:${port}`, 'fork=true', 'tcp_nodelay=true', `certificate=${directory}/server.crt`, `key_file=${directory}/server.key`,
  `rsakeys_ini=${directory}/rsakeys.ini`, 'autorun=', 'allow_channels=false', 'bitmap_cache=true', ...lines, '[Logging]', `LogFile=${directory}/log`, 'LogLevel=INFO', 'EnableSyslog=false',
  '[Xorg]', 'name=Xorg', 'lib=libxup.so', 'username=ask', 'password=ask', 'ip=127.0.0.1', 'port=-1', '',
].join('\n')

export const xrdp: Twins = {
  weak: { ...base, name: 'xrdp weak', files: (place) => ({ 'xrdp.ini': conf(place, ['security_layer=rdp', 'crypt_level=low']) }) },
  /** xrdp has no network level authentication; TLS alone is the best it can do. */
  hardened: { ...base, name: 'xrdp hardened', files: (place) => ({ 'xrdp.ini': conf(place, ['security_layer=tls', 'crypt_level=high', 'ssl_protocols=TLSv1.2, TLSv1.3']) }) },
}
