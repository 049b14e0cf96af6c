import type { Peer, PeerPlace, Twins } from './peer.ts'
import { certificate } from './system.ts'

const base = {
  packages: ['dovecot-imapd', 'dovecot-pop3d', 'openssl'],
  needsRoot: true,
  // Dovecot calls a connection between equal addresses secure; from 127.0.0.1 to here it is not.
  address: '127.0.0.3',
  // IMAP on the first port, then POP3, IMAPS, POP3S.
  morePorts: 3,
  command: ({ directory }) => ['/usr/sbin/dovecot', '-F', '-c', `${directory}/dovecot.conf`],
} satisfies Partial<Peer>

const common = ({ directory, address, port, more }: PeerPlace, tls: boolean): readonly string[] => [
  'protocols = imap pop3', `base_dir = ${directory}/run`, `state_dir = ${directory}/state`, `listen = ${address}`, 'log_path = /dev/stderr', 'mail_location = maildir:~/mail',
  `service imap-login {\n inet_listener imap {\n  port = ${port}\n }\n inet_listener imaps {\n  port = ${tls ? more[1] : 0}\n }\n}`,
  `service pop3-login {\n inet_listener pop3 {\n  port = ${more[0]}\n }\n inet_listener pop3s {\n  port = ${tls ? more[2] : 0}\n }\n}`,
  `passdb {\n driver = passwd-file\n args = ${directory}/users\n}`, 'userdb {\n driver = static\n args = uid=nobody gid=nogroup home=/nonexistent\n}',
]

export const dovecot: Twins = {
  weak: {
    ...base,
    name: 'dovecot weak',
    files: (place) => ({ 'dovecot.conf': [...common(place, false), 'ssl = no', 'disable_plaintext_auth = no', 'auth_mechanisms = plain login', ''].join('\n'), users: '' }),
  },
  hardened: {
    ...base,
    name: 'dovecot hardened',
    files: (place) => ({
      'dovecot.conf': [
        ...common(place, true), 'ssl = required', 'disable_plaintext_auth = yes', 'auth_mechanisms = plain', 'ssl_min_protocol = TLSv1.2', `ssl_cert = <${place.directory}/server.crt`, `ssl_key = <${place.directory}/server.key`,
        'login_greeting = Ready.', '',
      ].join('\n'),
      users: '',
    }),
    prepare: () => [certificate()],
  },
}
