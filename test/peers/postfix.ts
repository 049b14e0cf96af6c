import type { Peer, PeerPlace, Twins } from './peer.ts'
import { certificate } from './system.ts'

/** Postfix wants a whole instance: its own configuration, queue and data, and root to start it. */
const base = {
  packages: ['postfix', 'openssl'],
  needsRoot: true,
  // `postfix start-fg` would leave our process group, and then stay when we go.
  command: ({ directory }) => ['/usr/lib/postfix/sbin/master', '-d', '-c', `${directory}/etc`],
} satisfies Partial<Peer>

/** No name is looked up and nothing is ever delivered: the peer must call nobody. */
const main = ({ directory }: PeerPlace, more: readonly string[]): string => [
  'compatibility_level = 3.6', `queue_directory = ${directory}/queue`, `data_directory = ${directory}/data`, 'mail_owner = postfix', 'setgid_group = postdrop',
  'myhostname = mail.peer.test', 'mydestination = mail.peer.test, localhost', 'inet_interfaces = all', 'inet_protocols = all', 'smtpd_peername_lookup = no',
  'smtp_host_lookup = native', 'disable_dns_lookups = yes', 'default_transport = discard:', 'relay_transport = discard:', 'alias_maps = ', 'alias_database = ',
  `maillog_file = ${directory}/daemon.log`, `maillog_file_prefixes = ${directory}`, 'local_recipient_maps = inline:{postmaster=x, root=x}', 'biff = no', ...more, '',
].join('\n')

const master = ({ address, port }: PeerPlace): string => [
  'postlog unix-dgram n - n - 1 postlogd', `${address}:${port} inet n - n - - smtpd`, 'cleanup unix n - n - 0 cleanup', 'qmgr unix n - n 300 1 qmgr', 'rewrite unix - - n - - trivial-rewrite',
  'tlsmgr unix - - n 1000? 1 tlsmgr', 'bounce unix - - n - 0 bounce', 'discard unix - - n - - discard', 'anvil unix - - n - 1 anvil', 'proxymap unix - - n - - proxymap', 'pickup unix n - n 60 1 pickup', 'showq unix n - n - - showq', '',
].join('\n')

const folders = ({ directory }: PeerPlace): readonly (readonly string[])[] => [['mkdir', '-p', 'queue', 'data'], ['chown', 'postfix', 'data'], ['/usr/sbin/postfix', '-c', `${directory}/etc`, 'check']]

export const postfix: Twins = {
  /** Relays for everybody, tells who is there, and knows no TLS. */
  weak: {
    ...base,
    name: 'postfix weak',
    files: (place) => ({
      'etc/main.cf': main(place, ['mynetworks = 0.0.0.0/0', 'smtpd_relay_restrictions = permit_mynetworks, defer_unauth_destination', 'smtpd_recipient_restrictions = permit_mynetworks', 'smtpd_tls_security_level = none', 'smtpd_banner = $myhostname ESMTP $mail_name ($mail_version)']),
      'etc/master.cf': master(place),
    }),
    prepare: folders,
  },
  hardened: {
    ...base,
    name: 'postfix hardened',
    files: (place) => ({
      'etc/main.cf': main(place, [
        'mynetworks = [::1]/128', 'smtpd_relay_restrictions = reject_unauth_destination', 'disable_vrfy_command = yes', 'smtpd_tls_security_level = encrypt', 'smtpd_banner = $myhostname ESMTP',
        `smtpd_tls_cert_file = ${place.directory}/server.crt`, `smtpd_tls_key_file = ${place.directory}/server.key`, 'smtpd_tls_mandatory_protocols = >=TLSv1.2', 'smtpd_tls_protocols = >=TLSv1.2', 'smtpd_tls_exclude_ciphers = aNULL',
      ]),
      'etc/master.cf': master(place),
    }),
    prepare: (place) => [...folders(place), certificate()],
  },
}
