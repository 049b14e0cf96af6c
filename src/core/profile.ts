import { everyPort, knockPorts, quickPorts, standardPorts, udpPorts } from './port-list.ts'

/** Option profile as the engine honours it. Port fields are PortSet text without a protocol: `22,80,8000-8100`. */
export type Profile = Readonly<{
  tcp: string
  udp: string
  /** `alwaysUp`: scan hosts that answer nothing too. `tcp`: ports knocked on to find out whether a host is there. */
  discovery: Readonly<{
    alwaysUp: boolean
    tcp: string
    /** Also: ICMP echo (and ARP or neighbour discovery on the scanner's own network), and these UDP ports. Absent: on, none. */
    icmp?: boolean
    udp?: string
  }>
  /** `auto` (absent): raw packets where the scanner may send them; `connect`: whole connections only, for devices and firewalls that half-open ones upset. */
  packets?: 'auto' | 'connect'
  pace: Readonly<{
    /** Hosts looked at side by side. */
    hosts: number
    /** Connections open at once, over all hosts / to one host. */
    connections: number
    perHost: number
    /** New connections and datagrams a second over all hosts; 0 is no limit. */
    rate: number
  }>
  limits: Readonly<{
    /** Milliseconds to wait for a connection; for an answer; for one host in all. */
    connect: number
    answer: number
    host: number
    /** Bytes read from one connection / from one host. */
    connectionBytes: number
    hostBytes: number
  }>
  /** Whether probes that try well-known default credentials may run. They are tried once each, never guessed. */
  defaults: boolean
  /**
   * Templates: `fitting` (absent) sends what suits the products seen, `all` sends everything everywhere, for comparison, `off` none. Those that may leave something behind
   * or disturb are left out unless `intrusive`; what is meant to deny service is never sent.
   */
  templates?: 'fitting' | 'all' | 'off'
  /** Requests that templates may send to one web server. Absent: 3,000 where they fit, 40,000 for all of them. */
  templateRequests?: number
  intrusive?: boolean
  /** Whether targets may be made to call back the scanner's own listener, for what shows in no answer. Absent: yes. */
  callbacks?: boolean
  /** Whether authentication records are used. Absent: yes. */
  login?: boolean
  /** For printers, medical and industrial devices: one connection at a time, no malformed or unusual message, no template, no guess at unknown ports. */
  fragile?: boolean
  /** `all`, or the ids to judge; `exclude` is taken off either. */
  signatures: 'all' | readonly number[]
  exclude: readonly number[]
  /** Search lists by id, put into `signatures` and `exclude` when a scan is launched; the engine does not know them. */
  lists?: Readonly<{ include: readonly string[]; exclude: readonly string[] }>
  /** Of a scan: the queries of its dynamic lists at the launch, for checks of vulnerabilities that nothing had been found by until then. */
  later?: Readonly<{ include: readonly string[]; exclude: readonly string[] }>
}>

const pace = { hosts: 64, connections: 512, perHost: 64, rate: 0 } as const
const limits = { connect: 2000, answer: 4000, host: 900_000, connectionBytes: 2_097_152, hostBytes: 134_217_728 } as const
const common = { udp: udpPorts, discovery: { alwaysUp: false, tcp: knockPorts }, pace, limits, defaults: true, signatures: 'all', exclude: [] } as const

/** The stock profiles. `quick` looks at the ports that matter most, `standard` at what usually listens, `full` at every TCP port. */
export const quick: Profile = { ...common, tcp: quickPorts, limits: { ...limits, host: 300_000 } }
export const standard: Profile = { ...common, tcp: standardPorts }
export const full: Profile = { ...common, tcp: everyPort, pace: { ...pace, perHost: 256 }, limits: { ...limits, host: 3_600_000 } }

export const profiles: Readonly<Record<'quick' | 'standard' | 'full', Profile>> = { quick, standard, full }
