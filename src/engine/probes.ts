import { defaultLogin } from './defaults/default-login.ts'
import { asks } from './http/asks.ts'
import { http } from './http/http.ts'
import { rootPage } from './http/root.ts'
import { icon } from './http/icon.ts'
import { scripts } from './http/scripts.ts'
import { system } from './recognise/system.ts'
import { webServiceWith } from './http/web-service.ts'
import { identifyWith } from './ports/identify.ts'
import { loginMysql } from './login/mysql.ts'
import { loginPostgresql } from './login/postgresql.ts'
import { loginSnmp } from './login/snmp.ts'
import { loginSsh } from './login/ssh.ts'
import { ports } from './ports/ports.ts'
import { udpWith } from './ports/udp.ts'
import type { Probe } from './probe.ts'
import { portTemplates } from './template/port/template-port.ts'
import { templates } from './template/template.ts'
import { tls } from './tls/tls.ts'
import type { Service, UdpService, WebService } from './service.ts'
import { ssh } from './services/shell/ssh.ts'
import { ftp } from './services/file/ftp.ts'
import { smtp } from './services/mail/smtp.ts'
import { pop3 } from './services/mail/pop3.ts'
import { imap } from './services/mail/imap.ts'
import { telnet } from './services/shell/telnet.ts'
import { mysql } from './services/database/mysql.ts'
import { nats } from './services/message/nats.ts'
import { postgresql } from './services/database/postgresql.ts'
import { redis } from './services/database/redis.ts'
import { memcached, memcachedUdp } from './services/database/memcached.ts'
import { mongodb } from './services/database/mongodb.ts'
import { zookeeper } from './services/cluster/zookeeper.ts'
import { elasticsearch } from './services/database/elasticsearch.ts'
import { couchdb } from './services/database/couchdb.ts'
import { docker, dockerRegistry } from './services/cluster/docker.ts'
import { etcd } from './services/cluster/etcd.ts'
import { amqp } from './services/message/amqp.ts'
import { dns, dnsUdp } from './services/name/dns.ts'
import { httpProducts } from './services/web/http-product.ts'
import { httpProxy } from './services/web/http-proxy.ts'
import { ldap } from './services/directory/ldap.ts'
import { mqtt } from './services/message/mqtt.ts'
import { ntp } from './services/management/ntp.ts'
import { bacnet } from './services/datagram/bacnet.ts'
import { cldap } from './services/datagram/cldap.ts'
import { coap } from './services/datagram/coap.ts'
import { ike } from './services/datagram/ike.ts'
import { mdns } from './services/datagram/mdns.ts'
import { netbios } from './services/datagram/netbios.ts'
import { openvpn } from './services/datagram/openvpn.ts'
import { slp } from './services/datagram/slp.ts'
import { sqlBrowser } from './services/datagram/sql-browser.ts'
import { ssdp } from './services/datagram/ssdp.ts'
import { stun } from './services/datagram/stun.ts'
import { rdp } from './services/desktop/rdp.ts'
import { rsync } from './services/file/rsync.ts'
import { smb } from './services/file/smb.ts'
import { snmp } from './services/management/snmp.ts'
import { socks } from './services/web/socks.ts'
import { tftp } from './services/file/tftp.ts'
import { vnc } from './services/desktop/vnc.ts'
import { x11 } from './services/desktop/x11.ts'
import { mssql } from './services/database/mssql.ts'
import { rpcbind, rpcbindUdp } from './services/file/rpcbind.ts'
import { modbus } from './services/industrial/modbus.ts'
import { ipmi } from './services/management/ipmi.ts'
import { sip, sipUdp } from './services/voice/sip.ts'

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
  rpcbind,
  mssql,
  modbus,
  sip,
]

/** UDP services, asked by the probe `udp` on their own ports. */
export const udpServices: readonly UdpService[] = [
  memcachedUdp,
  dnsUdp,
  snmp,
  ntp,
  tftp,
  rpcbindUdp,
  ipmi,
  sipUdp,
  bacnet,
  cldap,
  coap,
  ike,
  mdns,
  netbios,
  openvpn,
  slp,
  sqlBrowser,
  ssdp,
  stun,
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
  templates as Probe,
  portTemplates as Probe,
  scripts as Probe,
  icon as Probe,
  system as Probe,
  defaultLogin as Probe,
  webServiceWith(webServices) as Probe,
  tls as Probe,
  loginSsh as Probe,
  loginPostgresql as Probe,
  loginMysql as Probe,
  loginSnmp as Probe,
]
