import { apache } from './apache.ts'
import { bind } from './bind.ts'
import { dante } from './dante.ts'
import { dovecot } from './dovecot.ts'
import { etcd } from './etcd.ts'
import { lighttpd } from './lighttpd.ts'
import { mariadb } from './mariadb.ts'
import { memcached } from './memcached.ts'
import { microsocks } from './microsocks.ts'
import { mongodb } from './mongodb.ts'
import { mosquitto } from './mosquitto.ts'
import { nats } from './nats.ts'
import { nginx } from './nginx.ts'
import { kamailio } from './kamailio.ts'
import { ntpsec } from './ntpsec.ts'
import { openssh } from './openssh.ts'
import { startPeer, type Peer, type PeerPlace, type RunningPeer } from './peer.ts'
import { postfix } from './postfix.ts'
import { postgresql, postgresqlPassword } from './postgresql.ts'
import { rabbitmq } from './rabbitmq.ts'
import type { At, Recorded } from './recorded.ts'
import { redis } from './redis.ts'
import { rsyncd } from './rsyncd.ts'
import { samba } from './samba.ts'
import { slapd } from './slapd.ts'
import { snmpd } from './snmpd.ts'
import { squid } from './squid.ts'
import { telnetd } from './telnetd.ts'
import { tftpd } from './tftpd.ts'
import { tinyproxy } from './tinyproxy.ts'
import { unbound } from './unbound.ts'
import { vsftpd } from './vsftpd.ts'
import * as stores from './web-stores.ts'
import { xrdp } from './xrdp.ts'
import { xvfb } from './xvfb.ts'
import { xvnc } from './xvnc.ts'
import { zookeeper } from './zookeeper.ts'

/** Starts at the place it is given. */
export type Starting = Readonly<{ name: string; packages: readonly string[]; real: boolean; start(at: Partial<Omit<PeerPlace, 'directory'>>): Promise<RunningPeer> }>

/** A weak server with the signatures that must fire on it, and its twin, on which nothing may. */
export type Weakness = Readonly<{
  weak: Starting
  /** Ids of signatures: these, whatever else of less weight comes with them. */
  expect: readonly number[]
  /** Absent where the protocol knows no good way to be run. */
  hardened?: Starting
  /** Where it usually lives, so that a scan meets it where it would in the world; the hardened twin may have a port of its own. */
  port: number
  hardenedPort?: number
  more?: readonly number[]
  udp?: boolean
  /** They cannot run at the same time: one after the other. */
  apart?: boolean
  /** It listens only where it finds an interface to have the address. All of 127/8 is answered for without that. */
  interface?: boolean
  /** The one address that it can listen on, where that is not for us to choose. */
  address?: string
}>

function daemon(peer: Peer): Starting {
  return { name: peer.name, packages: peer.packages, real: true, start: (at) => startPeer(peer, at) }
}

function ours(name: string, start: (at: At) => Promise<Recorded>): Starting {
  return { name, packages: [], real: false, start }
}

function twins({ weak, hardened }: Readonly<{ weak: Peer; hardened: Peer }>, port: number, expect: readonly number[], rest: Partial<Weakness> = {}): Weakness {
  return { weak: daemon(weak), hardened: daemon(hardened), port, expect, ...rest }
}

function recorded(name: string, serve: (auth: boolean, at: At) => Promise<Recorded>, port: number, expect: readonly number[]): Weakness {
  return { weak: ours(`${name} weak`, (at) => serve(false, at)), hardened: ours(`${name} hardened`, (at) => serve(true, at)), port, expect }
}

export const weaknesses: readonly Weakness[] = [
  twins(openssh, 22, [11001, 11002, 11003, 11004, 11005, 11012]),
  twins(vsftpd, 21, [13002, 13003]),
  twins(postfix, 25, [14001, 14003, 14004]),
  twins(dovecot, 143, [14011, 14012], { more: [110, 993, 995] }),
  { weak: daemon(telnetd.weak), port: 23, expect: [10032] },
  { weak: daemon(telnetd.hardened), port: 23, expect: [10031] },
  twins(mariadb, 3306, [40151, 40152, 40153]),
  twins(postgresql, 5432, [40161, 40165]),
  { weak: daemon(postgresqlPassword), port: 5432, expect: [40163, 40165] },
  twins(redis, 6379, [40101]),
  twins(memcached, 11211, [40111, 40112], { udp: true }),
  twins(nats, 4222, [41001]),
  twins(mosquitto, 1883, [41011], { hardenedPort: 8883 }),
  twins(rabbitmq, 5672, [41021, 41023], { hardenedPort: 5671 }),
  twins(etcd, 2379, [42011]),
  twins(zookeeper, 2181, [42021, 42022]),
  twins(bind, 53, [15001, 15002], { udp: true, interface: true }),
  twins(unbound, 53, [15001], { udp: true }),
  twins(slapd, 389, [15101, 15102]),
  twins(samba, 445, [13031, 13032, 13033, 13035]),
  twins(rsyncd, 873, [13021]),
  { weak: daemon(tftpd), port: 69, udp: true, expect: [13022] },
  twins(kamailio, 5060, [16301], { udp: true }),
  twins(snmpd, 161, [16001, 16002], { udp: true }),
  twins(ntpsec, 123, [16012], { udp: true, apart: true, address: '127.0.0.1' }),
  twins(squid, 3128, [16022]),
  twins(tinyproxy, 8888, [16022]),
  twins(dante, 1080, [16021]),
  twins(microsocks, 1080, [16021]),
  twins(xvfb, 6000, [10011], { apart: true }),
  twins(xvnc, 5900, [10001], { apart: true }),
  twins(xrdp, 3389, [10022]),
  twins(nginx, 80, [150001, 152051, 152003]),
  twins(apache, 80, [16022, 150063, 152021, 152051]),
  twins(lighttpd, 80, [152051, 152003]),
  recorded('mongodb', mongodb, 27017, [40121]),
  recorded('elasticsearch', stores.elasticsearch, 9200, [40131]),
  recorded('couchdb', stores.couchdb, 5984, [40142]),
  recorded('docker', stores.docker, 2375, [42001]),
  recorded('docker-registry', stores.dockerRegistry, 5000, [42002]),
]
