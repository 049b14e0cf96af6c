import type { Peer, PeerPlace, Twins } from './peer.ts'
import { secureHeaders } from './secure-headers.ts'

const base = {
  packages: ['nginx-light'],
  command: ({ directory }) => ['/usr/sbin/nginx', '-p', directory, '-c', `${directory}/nginx.conf`],
} satisfies Partial<Peer>

const conf = ({ address, port, directory }: PeerPlace, lines: readonly string[]): string => [
  'daemon off;', 'master_process off;', `pid ${directory}/pid;`, `error_log ${directory}/error.log;`, 'events {}', 'http {', '  access_log off;',
  ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${directory}/temp;`),
  `  server { listen ${address}:${port}; root ${directory}/www; ${lines.join(' ')} }`, '}', '',
].join('\n')

export const nginx: Twins = {
  weak: {
    ...base, name: 'nginx weak',
    files: (place) => ({ 'nginx.conf': conf(place, ['autoindex on;', 'server_tokens on;']), 'www/.git/HEAD': 'ref: refs/heads/main\n', 'www/backup.sql': 'nothing\n' }),
  },
  hardened: {
    ...base, name: 'nginx hardened',
    files: (place) => ({ 'nginx.conf': conf(place, ['server_tokens off;', ...secureHeaders.map(([name, value]) => `add_header ${name} "${value}" always;`), 'location ~ /\\. { return 404; }']), 'www/index.html': '<title>Welcome</title>\n' }),
  },
}
