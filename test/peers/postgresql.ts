import type { Peer, PeerPlace, Twins } from './peer.ts'
import { certificate } from './system.ts'

const bin = '/usr/lib/postgresql/15/bin'

const base = {
  packages: ['postgresql-15', 'openssl'],
  user: 'postgres',
  stopSignal: 'SIGINT',
} satisfies Partial<Peer>

const command = ({ address, port, directory }: PeerPlace, more: readonly string[]): readonly string[] =>
  [`${bin}/postgres`, '-D', `${directory}/data`, '-h', address, '-p', String(port), '-k', directory, '-c', 'fsync=off', '-c', 'shared_buffers=16MB', '-c', `hba_file=${directory}/pg_hba.conf`, ...more]

export const postgresql: Twins = {
  /** Trusts whoever comes. */
  weak: {
    ...base,
    name: 'postgresql weak',
    files: () => ({ 'pg_hba.conf': 'host all all all trust\n' }),
    prepare: () => [[`${bin}/initdb`, '-D', 'data', '-U', 'postgres', '-A', 'trust', '-N']],
    command: (place) => command(place, []),
  },
  hardened: {
    ...base,
    name: 'postgresql hardened',
    files: () => ({ 'pg_hba.conf': 'hostssl all all all scram-sha-256\n', password: 'cT5-long-and-random-9k2\n' }),
    prepare: () => [[`${bin}/initdb`, '-D', 'data', '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile=password', '-N'], certificate(), ['chmod', '600', 'server.key']],
    command: (place) => command(place, ['-c', 'ssl=on', '-c', `ssl_cert_file=${place.directory}/server.crt`, '-c', `ssl_key_file=${place.directory}/server.key`]),
  },
}

/** Passwords in the clear and by MD5: what old guides still tell people to write. */
export const postgresqlPassword: Peer = { ...postgresql.weak, name: 'postgresql with passwords in the clear', files: () => ({ 'pg_hba.conf': 'host all all all password\n' }) }
export const postgresqlMd5: Peer = { ...postgresql.weak, name: 'postgresql with md5', files: () => ({ 'pg_hba.conf': 'host all all all md5\n' }) }
