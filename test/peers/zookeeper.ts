import type { Peer, PeerPlace, Twins } from './peer.ts'

const jars = '/etc/zookeeper/conf:/usr/share/java/zookeeper.jar:/usr/share/zookeeper/*:/usr/share/java/*'

const base = {
  packages: ['zookeeper', 'default-jre-headless'],
  user: 'nobody',
  command: ({ directory }) => ['java', '-Xmx128m', '-cp', jars, 'org.apache.zookeeper.server.quorum.QuorumPeerMain', `${directory}/zoo.cfg`],
} satisfies Partial<Peer>

const common = ({ address, port, directory }: PeerPlace): readonly string[] => [`dataDir=${directory}/data`, `clientPort=${port}`, `clientPortAddress=${address}`, 'admin.enableServer=false', 'tickTime=2000']

export const zookeeper: Twins = {
  weak: { ...base, name: 'zookeeper weak', files: (place) => ({ 'zoo.cfg': [...common(place), '4lw.commands.whitelist=*', ''].join('\n') }) },
  hardened: {
    ...base,
    name: 'zookeeper hardened',
    files: (place) => ({ 'zoo.cfg': [...common(place), '4lw.commands.whitelist=srvr', 'enforce.auth.enabled=true', 'enforce.auth.schemes=digest', ''].join('\n') }),
  },
}
