import { asks } from './http/asks.ts'
import { http } from './http/http.ts'
import { rootPage } from './http/root.ts'
import { webServiceWith } from './http/web-service.ts'
import { identifyWith } from './ports/identify.ts'
import { ports } from './ports/ports.ts'
import { udpWith } from './ports/udp.ts'
import type { Probe } from './probe.ts'
import { tls } from './tls/tls.ts'
import type { Service, UdpService, WebService } from './service.ts'
import { ssh } from './services/ssh.ts'
import { ftp } from './services/ftp.ts'
import { smtp } from './services/smtp.ts'
import { pop3 } from './services/pop3.ts'
import { imap } from './services/imap.ts'
import { telnet } from './services/telnet.ts'
import { mysql } from './services/mysql.ts'
import { nats } from './services/nats.ts'
import { postgresql } from './services/postgresql.ts'
import { redis } from './services/redis.ts'
import { memcached, memcachedUdp } from './services/memcached.ts'
import { mongodb } from './services/mongodb.ts'
import { zookeeper } from './services/zookeeper.ts'
import { elasticsearch } from './services/elasticsearch.ts'
import { couchdb } from './services/couchdb.ts'
import { docker, dockerRegistry } from './services/docker.ts'
import { etcd } from './services/etcd.ts'
import { amqp } from './services/amqp.ts'
import { dns, dnsUdp } from './services/dns.ts'
import { httpProducts } from './services/http-product.ts'
import { httpProxy } from './services/http-proxy.ts'
import { ldap } from './services/ldap.ts'
import { mqtt } from './services/mqtt.ts'
import { ntp } from './services/ntp.ts'
import { rdp } from './services/rdp.ts'
import { rsync } from './services/rsync.ts'
import { smb } from './services/smb.ts'
import { snmp } from './services/snmp.ts'
import { socks } from './services/socks.ts'
import { tftp } from './services/tftp.ts'
import { vnc } from './services/vnc.ts'
import { x11 } from './services/x11.ts'

/** TCP services, recognised and looked into by the probe `service`. Order matters only among equals. */
export const services: readonly Service[] = [
  http,
  ssh,
  ftp,
  smtp,
  pop3,
  imap,
  telnet,
  mysql,
  nats,
  postgresql,
  redis,
  memcached,
  mongodb,
  zookeeper,
  rsync,
  vnc,
  dns,
  ldap,
  smb,
  rdp,
  amqp,
  mqtt,
  x11,
  socks,
]

/** UDP services, asked by the probe `udp` on their own ports. */
export const udpServices: readonly UdpService[] = [
  memcachedUdp,
  dnsUdp,
  snmp,
  ntp,
  tftp,
]

/** Services spoken over HTTP, asked by the probe `web-service` where the root page hints at them. */
export const webServices: readonly WebService[] = [
  elasticsearch,
  couchdb,
  docker,
  dockerRegistry,
  etcd,
  ...httpProducts,
  httpProxy,
]

/** Every way of looking that this scanner has. A new one is a file and a line (docs/new-probe.md). */
export const probes: readonly Probe[] = [
  ports as Probe,
  udpWith(udpServices) as Probe,
  identifyWith(services) as Probe,
  rootPage as Probe,
  asks as Probe,
  webServiceWith(webServices) as Probe,
  tls as Probe,
]
