import type { Effect, Fit, Plan } from '#core/template/plan.ts'
import type { TemplateLibrary } from '../library.ts'

/** What choosing needs to know of a template that speaks no HTTP. */
export type PortEntry = Readonly<{ place: number; check: number; effect: Effect; callback: boolean; ports: readonly number[]; speaks: 'tcp' | 'dns' | 'ssl' | 'javascript'; fits: readonly Fit[]; tags: readonly string[]; tls: boolean; jarm: boolean }>

const made = new WeakMap<TemplateLibrary, readonly PortEntry[]>()

/** Templates of a release without a request over HTTP: made once for all hosts. */
export function portEntries(library: TemplateLibrary): readonly PortEntry[] {
  const known = made.get(library)
  if (known !== undefined) return known
  const entries: PortEntry[] = []
  for (let place = 0; place < library.checks.length; place++) {
    const plan = library.plan(place)
    const [first] = plan.blocks
    if (first === undefined || plan.blocks.some(({ protocol }) => protocol === 'http')) continue
    const speaks = first.protocol as PortEntry['speaks']
    entries.push({
      place, check: library.checks[place]!, effect: plan.effect, callback: plan.callback, ports: portsOf(plan), speaks, fits: plan.fits.filter((fit) => fit.in === 'name'), tags: plan.tags,
      tls: plan.blocks.some((block) => block.protocol === 'tcp' && block.addresses.some((address) => JSON.stringify(address).includes('tls://'))),
      jarm: plan.blocks.some((block) => block.protocol === 'tcp' && JSON.stringify(block).includes('"call":"jarm"')),
    })
  }
  made.set(library, entries)
  return entries
}

function portsOf({ blocks }: Plan): readonly number[] {
  return [...new Set(blocks.flatMap((block): readonly number[] => {
    if (block.protocol === 'tcp') return [...block.ports, ...block.addresses.flatMap((address) => explicitPort(address))]
    return block.protocol === 'javascript' ? block.ports : block.protocol === 'ssl' ? explicitPort(block.address) : []
  }))]
}

function explicitPort(address: unknown): readonly number[] {
  const port = /:(\d{1,5})"?\]?$/.exec(JSON.stringify(address))?.[1]
  return port === undefined ? [] : [Number(port)]
}

export type Seen = Readonly<{ port: number; proto: 'tcp' | 'udp'; service: string; tls: boolean; named: boolean; product: string }>

/** Services by the names that templates give them in their tags. */
const tagsOf: Readonly<Record<string, readonly string[]>> = {
  ssh: ['ssh', 'openssh'], ftp: ['ftp'], smtp: ['smtp'], pop3: ['pop3'], imap: ['imap'], telnet: ['telnet'], mysql: ['mysql', 'mariadb'], postgresql: ['postgres', 'postgresql'], redis: ['redis'],
  memcached: ['memcached'], mongodb: ['mongodb'], zookeeper: ['zookeeper'], rsync: ['rsync'], vnc: ['vnc'], ldap: ['ldap'], smb: ['smb', 'samba'], rdp: ['rdp'], amqp: ['amqp', 'rabbitmq'], mqtt: ['mqtt'],
  mssql: ['mssql'], nats: ['nats'], socks: ['socks', 'socks5'], x11: ['x11'],
}
const serviceTags = new Set(Object.values(tagsOf).flat())

/**
 * Whether a template is for what was seen at a port: by its own port, by the service, by an open finding. A service that was recognised as another one is left alone, whatever its port; where nothing
 * was recognised the port decides. Templates that name neither a port nor a service are for ports that nobody recognised.
 */
export function suits(entry: PortEntry, seen: Seen, open: ReadonlySet<number>, all: boolean): boolean {
  if (entry.speaks === 'dns') return seen.service === 'dns' && seen.named
  if (seen.proto === 'udp') return false
  if (entry.speaks === 'ssl') return seen.tls && (entry.ports.length === 0 || entry.ports.includes(seen.port))
  if (entry.jarm) return seen.tls && (entry.ports.length === 0 || entry.ports.includes(seen.port) || all || open.has(entry.check))
  if (open.has(entry.check)) return true
  const isOwnPort = entry.ports.includes(seen.port)
  const own = entry.tags.filter((tag) => serviceTags.has(tag))
  if (seen.service !== 'unknown' && own.length > 0) return own.some((tag) => (tagsOf[seen.service] ?? []).includes(tag)) || (isOwnPort && !Object.hasOwn(tagsOf, seen.service))
  if (isOwnPort) return true
  const product = seen.product.toLowerCase()
  if (product !== '' && entry.fits.some(({ is }) => is.length > 3 && product.includes(is))) return true
  return entry.ports.length === 0 && seen.service === 'unknown' && (all || own.length === 0)
}
