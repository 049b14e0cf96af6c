import type { Peer, PeerPlace, Twins } from './peer.ts'
import { secureHeaders } from './secure-headers.ts'

const base = {
  packages: ['lighttpd'],
  command: ({ directory }) => ['/usr/sbin/lighttpd', '-D', '-f', `${directory}/lighttpd.conf`],
} satisfies Partial<Peer>

const conf = ({ address, port, directory }: PeerPlace, lines: readonly string[]): string => [
  `server.document-root = "${directory}/www"`, `server.bind = "${address}"`, `server.port = ${port}`, `server.errorlog = "${directory}/error.log"`,
  'index-file.names = ("index.html")', ...lines, '',
].join('\n')

export const lighttpd: Twins = {
  weak: {
    ...base, name: 'lighttpd weak',
    files: (place) => ({ 'lighttpd.conf': conf(place, ['server.modules = ("mod_dirlisting")', 'dir-listing.activate = "enable"']), 'www/backup.sql': 'nothing\n' }),
  },
  hardened: {
    ...base, name: 'lighttpd hardened',
    files: (place) => ({ 'lighttpd.conf': conf(place, ['server.tag = ""', 'server.modules = ("mod_setenv")', 'mimetype.assign = (".html" => "text/html")', `setenv.add-response-header = (${secureHeaders.map(([name, value]) => `"${name}" => "${value}"`).join(', ')})`]), 'www/index.html': '<title>Welcome</title>\n' }),
  },
}
