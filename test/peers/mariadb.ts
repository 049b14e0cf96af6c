import type { Peer, PeerPlace, Twins } from './peer.ts'
import { certificate } from './system.ts'

const base = {
  packages: ['mariadb-server', 'openssl'],
  user: 'mysql',
} satisfies Partial<Peer>

const setUp = ({ directory }: PeerPlace): readonly string[] =>
  ['mariadb-install-db', '--no-defaults', `--datadir=${directory}/data`, '--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve']

const command = ({ address, port, directory }: PeerPlace, more: readonly string[]): readonly string[] => [
  '/usr/sbin/mariadbd', '--no-defaults', `--datadir=${directory}/data`, `--socket=${directory}/socket`, `--pid-file=${directory}/pid`, `--bind-address=${address}`, `--port=${port}`, '--skip-name-resolve',
  '--innodb-buffer-pool-size=16M', '--innodb-log-file-size=8M', `--init-file=${directory}/init.sql`, ...more,
]

export const mariadb: Twins = {
  /** root and the nameless user come in from anywhere, with nothing. */
  weak: {
    ...base,
    name: 'mariadb weak',
    files: () => ({ 'init.sql': "CREATE OR REPLACE USER 'root'@'%' IDENTIFIED BY '';\nGRANT ALL ON *.* TO 'root'@'%';\nCREATE OR REPLACE USER ''@'%' IDENTIFIED BY '';\nCREATE DATABASE IF NOT EXISTS shop;\n" }),
    prepare: (place) => [setUp(place)],
    command: (place) => command(place, []),
  },
  hardened: {
    ...base,
    name: 'mariadb hardened',
    files: () => ({ 'init.sql': "DELETE FROM mysql.global_priv WHERE User IN ('', 'root');\nFLUSH PRIVILEGES;\nCREATE OR REPLACE USER 'root'@'%' IDENTIFIED BY 'cT5-long-and-random-9k2';\n" }),
    prepare: (place) => [setUp(place), certificate()],
    command: (place) => command(place, ['--require-secure-transport=ON', `--ssl-cert=${place.directory}/server.crt`, `--ssl-key=${place.directory}/server.key`]),
  },
}
