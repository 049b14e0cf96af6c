import type { Peer, PeerPlace, Twins } from './peer.ts'
import { certificate } from './system.ts'

const base = {
  packages: ['slapd', 'openssl'],
  prepare: ({ directory }) => [certificate(), ['mkdir', 'data'], ['/usr/sbin/slapadd', '-q', '-f', `${directory}/slapd.conf`, '-l', `${directory}/data.ldif`]],
  command: ({ directory, address, port }) => ['/usr/sbin/slapd', '-d', '0', '-f', `${directory}/slapd.conf`, '-h', `ldap://${address}:${port}/`],
} satisfies Partial<Peer>

const conf = ({ directory }: PeerPlace, head: readonly string[], tail: readonly string[]): string => [
  'include /etc/ldap/schema/core.schema', 'include /etc/ldap/schema/cosine.schema', 'include /etc/ldap/schema/inetorgperson.schema',
  'modulepath /usr/lib/ldap', 'moduleload back_mdb', `pidfile ${directory}/pid`, ...head,
  'database mdb', 'suffix "dc=peer,dc=test"', 'rootdn "cn=admin,dc=peer,dc=test"', 'rootpw a-long-password', `directory ${directory}/data`, 'maxsize 16777216', ...tail, '',
].join('\n')

const data = 'dn: dc=peer,dc=test\nobjectClass: dcObject\nobjectClass: organization\ndc: peer\no: Peer\n\ndn: ou=people,dc=peer,dc=test\nobjectClass: organizationalUnit\nou: people\n'

export const slapd: Twins = {
  weak: { ...base, name: 'slapd weak', files: (place) => ({ 'slapd.conf': conf(place, [], ['access to * by * read']), 'data.ldif': data }) },
  hardened: {
    ...base, name: 'slapd hardened',
    files: (place) => ({
      'slapd.conf': conf(place, [
        'disallow bind_anon', 'security simple_bind=128', 'TLSCipherSuite SECURE256:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA', `TLSCertificateFile ${place.directory}/server.crt`, `TLSCertificateKeyFile ${place.directory}/server.key`,
      ], ['access to * by users read by anonymous auth']),
      'data.ldif': data,
    }),
  },
}
