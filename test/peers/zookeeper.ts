import { answerTo, type Peer, type PeerPlace, type Twins } from './peer.ts'

/** Its jar names in its manifest the others that it needs. */
const jars = '/usr/share/java/zookeeper.jar'

const base = {
  packages: ['zookeeper', 'default-jre-headless'],
  user: 'nobody',
  command: ({ directory }) => ['java', '-Xmx128m', '-cp', jars, 'org.apache.zookeeper.server.quorum.QuorumPeerMain', `${directory}/zoo.cfg`],
  // It takes connections before it serves.
  ready: async (place) => (await answerTo(place, 'srvr')).startsWith('Zookeeper version'),
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
