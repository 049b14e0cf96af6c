import { dovecot } from '../../test/peers/dovecot.ts'
import { mariadb } from '../../test/peers/mariadb.ts'
import { startPeer, type Peer, type PeerPlace } from '../../test/peers/peer.ts'
import { postfix } from '../../test/peers/postfix.ts'
import { postgresql } from '../../test/peers/postgresql.ts'
import { slapd } from '../../test/peers/slapd.ts'
import { vsftpd } from '../../test/peers/vsftpd.ts'
import type { Running } from './servers.ts'

type Service = Exclude<Running['service'], 'https' | 'tls'>

/** A file of the peer written otherwise. */
const changed = (peer: Peer, file: string, change: (text: string) => string): Peer => ({
  ...peer,
  files: (place) => {
    const files = peer.files!(place)
    return { ...files, [file]: change(files[file]!) }
  },
})

/** Daemons of Debian that begin in the clear, as they are set up best and, where it differs, as they come. */
const starts: Readonly<Record<string, Readonly<{ peer: Peer; service: Service; port?(place: PeerPlace): number }>>> = {
  'Postfix, as it should be': { peer: postfix.hardened, service: 'smtp' },
  'Postfix, TLS as it comes': { peer: changed(postfix.hardened, 'etc/main.cf', (text) => text.replace(/^smtpd_tls_(mandatory_protocols|protocols|exclude_ciphers) .*\n/gm, '')), service: 'smtp' },
  'Dovecot, IMAP': { peer: dovecot.hardened, service: 'imap' },
  'Dovecot, POP3': { peer: dovecot.hardened, service: 'pop3', port: ({ more }) => more[0]! },
  'vsftpd': { peer: vsftpd.hardened, service: 'ftp' },
  'slapd': { peer: slapd.hardened, service: 'ldap' },
  'slapd, suites of old': { peer: changed(slapd.hardened, 'slapd.conf', (text) => text.replace(/TLSCipherSuite .*/, 'TLSCipherSuite LEGACY:+VERS-ALL:+3DES-CBC:+ARCFOUR-128')), service: 'ldap' },
  'PostgreSQL': { peer: postgresql.hardened, service: 'postgresql' },
  'MariaDB': { peer: mariadb.hardened, service: 'mysql' },
}

export async function startPlainFirst(tell: (missing: string) => void, only: RegExp): Promise<readonly Running[]> {
  const running: Running[] = []
  for (const [name, { peer, service, port }] of Object.entries(starts).filter(([name]) => only.test(name))) {
    try {
      const place = await startPeer(peer)
      running.push({ name, service, address: place.address, port: port === undefined ? place.port : port(place), stop: () => place.stop() })
    } catch (error) {
      tell(`${name} (${error instanceof Error ? error.message.split('\n')[0]! : 'no reason'})`)
    }
  }
  return running
}
