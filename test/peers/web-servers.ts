import type { Peer, PeerPlace } from './peer.ts'

/** One site on each of Debian's web servers: a page worth compressing, a folder, and where the server can, a redirect and a name it answers to. */
const files = { 'www/page.txt': 'All work and no play makes a dull page.\n'.repeat(200), 'www/folder/index.html': '<title>folder</title>\n' }
const temporary = (directory: string): string => ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${directory}/temp;`).join(' ')
const certificate = ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=shop.example', '-days', '2', '-keyout', 'key', '-out', 'cert']

const nginxConf = ({ directory }: PeerPlace, lines: readonly string[]): string => [
  'daemon off;', 'master_process off;', `pid ${directory}/pid;`, `error_log ${directory}/error.log;`, 'events {}', 'http {', `  access_log off; default_type text/plain; ${temporary(directory)}`, ...lines, '}', '',
].join('\n')

const nginx: Peer = {
  name: 'nginx', packages: ['nginx-light'],
  files: (place) => ({
    ...files,
    'nginx.conf': nginxConf(place, [`  server { listen ${place.address}:${place.port}; root ${place.directory}/www; gzip on; gzip_types text/plain; }`]),
  }),
  command: ({ directory }) => ['/usr/sbin/nginx', '-p', directory, '-c', `${directory}/nginx.conf`],
}

const apache: Peer = {
  name: 'Apache httpd', packages: ['apache2', 'apache2-bin'],
  files: (place) => ({
    ...files,
    'apache2.conf': [
      `ServerRoot ${place.directory}`, `Listen ${place.address}:${place.port}`, `PidFile ${place.directory}/pid`, `ErrorLog ${place.directory}/error.log`, `ServerName ${place.address}`,
      `DefaultRuntimeDir ${place.directory}`, 'User www-data', 'Group www-data', 'StartServers 1', 'KeepAlive On',
      ...['mpm_event', 'authz_core', 'dir', 'mime', 'filter', 'deflate'].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
      'TypesConfig /etc/mime.types', `DocumentRoot ${place.directory}/www`, 'SetOutputFilter DEFLATE', '',
    ].join('\n'),
  }),
  command: ({ directory }) => ['/usr/sbin/apache2', '-d', directory, '-f', `${directory}/apache2.conf`, '-DFOREGROUND'],
}

const lighttpd: Peer = {
  name: 'lighttpd', packages: ['lighttpd', 'lighttpd-mod-deflate'],
  files: (place) => ({
    ...files,
    'lighttpd.conf': [
      `server.document-root = "${place.directory}/www"`, `server.bind = "${place.address}"`, `server.port = ${place.port}`, `server.errorlog = "${place.directory}/error.log"`, 'index-file.names = ("index.html")',
      'server.modules = ("mod_deflate")', 'mimetype.assign = (".txt" => "text/plain")', 'deflate.mimetypes = ("text/")', 'deflate.allowed-encodings = ("gzip")', '',
    ].join('\n'),
  }),
  command: ({ directory }) => ['/usr/sbin/lighttpd', '-D', '-f', `${directory}/lighttpd.conf`],
}

/** HTTP/1.0, a connection for each answer, and no compression. */
const python: Peer = {
  name: 'python3 -m http.server', packages: ['python3'], files: () => files,
  command: ({ address, port, directory }) => ['python3', '-m', 'http.server', '--bind', address, '--directory', `${directory}/www`, String(port)],
}

export const webServers: readonly Readonly<{ peer: Peer; keeps: boolean; gzip: boolean }>[] = [
  { peer: nginx, keeps: true, gzip: true }, { peer: apache, keeps: true, gzip: true }, { peer: lighttpd, keeps: true, gzip: true }, { peer: python, keeps: false, gzip: false },
]

/** Tells the name in the handshake and whether the session was taken up again; hangs up after each answer. */
export const secureNginx: Peer = {
  name: 'nginx over TLS', packages: ['nginx-light'],
  files: (place) => ({
    'nginx.conf': nginxConf(place, [
      `  server { listen ${place.address}:${place.port} ssl; ssl_protocols TLSv1.2 TLSv1.3; ssl_certificate ${place.directory}/cert; ssl_certificate_key ${place.directory}/key;`,
      '    keepalive_requests 1; location / { return 200 "$ssl_server_name $ssl_session_reused $ssl_protocol $host"; } }',
    ]),
  }),
  prepare: () => [certificate],
  command: ({ directory }) => ['/usr/sbin/nginx', '-p', directory, '-c', `${directory}/nginx.conf`],
}
