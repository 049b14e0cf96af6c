import type { Peer, PeerPlace, Twins } from './peer.ts'
import { secureHeaders } from './secure-headers.ts'

const base = {
  packages: ['apache2', 'apache2-bin'],
  command: ({ directory }) => ['/usr/sbin/apache2', '-d', directory, '-f', `${directory}/apache2.conf`, '-DFOREGROUND'],
  stopSignal: 'SIGTERM',
} satisfies Partial<Peer>

const conf = ({ address, port, directory }: PeerPlace, modules: readonly string[], lines: readonly string[]): string => [
  `ServerRoot ${directory}`, `Listen ${address}:${port}`, `PidFile ${directory}/pid`, `ErrorLog ${directory}/error.log`, 'ServerName peer.test',
  `DefaultRuntimeDir ${directory}`, 'User www-data', 'Group www-data', 'StartServers 1',
  ...['mpm_event', 'authz_core', 'authz_host', 'dir', 'mime', ...modules].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
  'TypesConfig /etc/mime.types', `DocumentRoot ${directory}/www`, `<Directory ${directory}/www>`, 'Require all granted', '</Directory>', ...lines, '',
].join('\n')

export const apache: Twins = {
  /** Tells all, lists folders, shows its status, and forwards anybody's requests. */
  weak: {
    ...base, name: 'Apache httpd weak',
    files: (place) => ({
      'apache2.conf': conf(place, ['autoindex', 'status', 'proxy', 'proxy_http', 'proxy_connect'], [
        'ServerTokens Full', 'ServerSignature On', 'TraceEnable On', 'ProxyRequests On', 'AllowCONNECT 1-65535', '<Location /server-status>', 'SetHandler server-status', '</Location>', 'ExtendedStatus On',
        `<Directory ${place.directory}/www>`, 'Options +Indexes', '</Directory>',
      ]),
      'www/backup.sql': 'nothing\n',
    }),
  },
  hardened: {
    ...base, name: 'Apache httpd hardened',
    files: (place) => ({
      'apache2.conf': conf(place, ['headers'], ['ServerTokens Prod', 'ServerSignature Off', 'TraceEnable Off', ...secureHeaders.map(([name, value]) => `Header always set ${name} "${value}"`)]),
      'www/index.html': '<title>Welcome</title>\n',
    }),
  },
}
