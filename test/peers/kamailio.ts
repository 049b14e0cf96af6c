import { boundUdp } from './look-other.ts'
import type { Peer, PeerPlace, Twins } from './peer.ts'

const modules = ['sl', 'tm', 'pv', 'textops', 'siputils', 'usrloc', 'registrar']

/** A registrar over UDP and TCP with a table in memory, which looks up no name and calls nobody. */
function conf({ address, port, directory }: PeerPlace, more: readonly string[], route: readonly string[]): string {
  return [
    '#!KAMAILIO', 'fork=no', 'children=1', 'tcp_children=1', 'log_stderror=yes', 'debug=0', 'dns=no', 'rev_dns=no', 'auto_aliases=no', 'disable_core_dump=yes', `user_agent_header="User-Agent: none"`,
    `listen=udp:${address}:${port}`, `listen=tcp:${address}:${port}`, ...more.filter((line) => !line.startsWith('loadmodule')),
    ...modules.map((name) => `loadmodule "${name}.so"`), ...more.filter((line) => line.startsWith('loadmodule')), `modparam("usrloc", "db_mode", 0)`,
    'request_route {', '  if (is_method("OPTIONS")) { sl_send_reply("200", "OK"); exit; }', '  if (!is_method("REGISTER")) { sl_send_reply("405", "Method Not Allowed"); exit; }', ...route, '  if (!save("location")) sl_reply_error();', '}', '',
    `# ${directory}`, '',
  ].join('\n')
}

const base = {
  packages: ['kamailio'],
  command: ({ directory }) => ['/usr/sbin/kamailio', '-DD', '-E', '-m', '16', '-M', '4', '-Y', directory, '-f', `${directory}/kamailio.cfg`],
  ready: boundUdp,
} satisfies Partial<Peer>

export const kamailio: Twins = {
  weak: { ...base, name: 'Kamailio weak', files: (place) => ({ 'kamailio.cfg': conf(place, [], []) }) },
  /** Tells neither its name nor its version, and asks who wants to register. */
  hardened: {
    ...base, name: 'Kamailio hardened',
    files: (place) => ({ 'kamailio.cfg': conf(place, ['server_signature=no', 'loadmodule "auth.so"'], ['  if (!pv_auth_check("peer.test", "not-a-known-password", "0", "0")) { auth_challenge("peer.test", "0"); exit; }']) }),
  },
}
