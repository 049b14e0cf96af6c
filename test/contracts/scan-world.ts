import { createServer, type Server } from 'node:net'
import { fileURLToPath } from 'node:url'
import { parseIpSet } from '#core/ip-set.ts'
import type { Profile } from '#core/profile.ts'
import { addToRegister, lockRegister } from '#platform/asset/register.ts'
import type { Knowledge } from '#platform/kb/knowledge.ts'
import { loadKnowledge } from '#platform/kb/release.ts'
import { launchScan, type LaunchRequest, type Launched } from '#platform/scan/launch.ts'
import { createProfile } from '#platform/scan/profile.ts'
import { newId } from '#store/id.ts'
import type { Store } from '#store/store.ts'
import { makeTenant } from '../database.ts'

/** What the tests of scanning share: a tenant with registered loopback addresses, the real content, small servers to look at. */
export async function makeScanTenant(store: Store, registered = '127.0.0.0/8', name = 'Scanned organisation'): Promise<string> {
  const tenant = await makeTenant(store, name)
  await store.write(tenant, async (tx) => {
    const at = new Date()
    const authority = newId()
    await tx.sql`insert into authority (tenant_id, id, network_id, user_id, user_name, user_email, statement, targets, addresses,
      at)
      values (${tenant}, ${authority}, ${tenant}, ${newId()}, 'Test', 'test@example.org', 'These are ours.', ${registered}, 1,
      ${at})`
    await lockRegister(tx, tenant)
    await addToRegister(tx, tenant, { set: parseIpSet(registered), names: ['localhost'] },
      { comment: '', authority, by: 'Test', at })
  })
  return tenant
}

export function readContent(store: Store): Promise<Knowledge> {
  return loadKnowledge(store, fileURLToPath(new URL('../../content', import.meta.url)), Date.now)
}

export async function launch(
  store: Store, tenant: string, request: LaunchRequest, addresses: ReadonlyMap<string, string> = new Map(), now = Date.now(),
): Promise<Launched> {
  return store.write(tenant, (tx) => launchScan(tx, request,
    { by: null, kind: 'onDemand', schedule: null, scope: null, content: 'test', now }, addresses))
}

/** A profile that looks at these ports only, with short waits. */
export async function makeProfile(store: Store, tenant: string, ports: readonly number[],
  more: Partial<Profile> = {}): Promise<string> {
  const { ensureProfiles } = await import('#platform/scan/profile.ts')
  return store.write(tenant, async (tx) => {
    await ensureProfiles(tx, Date.now())
    const made = await createProfile(tx, {
      name: `Ports ${ports.join(' ')} ${newId().slice(-6)}`,
      settings: { tcp: ports.join(','), udp: '', discovery: { alwaysUp: false, tcp: ports.join(',') }, ...more },
    }, null, Date.now())
    return made.id
  })
}

/** Something that answers like an old Redis without a password, on one loopback address. */
export async function openRedis(address: string, port = 0): Promise<Readonly<{ port: number; close(): Promise<void> }>> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      const text = bytes.toString('latin1')
      if (/info/i.test(text)) {
        const body = 'redis_version:5.0.7\r\nredis_mode:standalone\r\nos:Linux\r\nrole:master\r\n'
        socket.write(`$${body.length}\r\n${body}\r\n`)
      } else if (/ping/i.test(text)) socket.write('+PONG\r\n')
      else socket.write("-ERR unknown command\r\n")
    })
  })
  return listen(server, address, port)
}

/** A port that takes connections and says nothing, for ever. */
export async function openSilence(address: string,
  port = 0): Promise<Readonly<{ port: number; connections(): number; close(): Promise<void> }>> {
  let connections = 0
  const server = createServer((socket) => {
    connections++
    socket.on('error', () => {})
    socket.resume()
  })
  return { ...(await listen(server, address, port)), connections: () => connections }
}

async function listen(server: Server, address: string,
  port: number): Promise<Readonly<{ port: number; close(): Promise<void> }>> {
  const sockets = new Set<import('node:net').Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, address, resolve))
  return {
    port: (server.address() as { port: number }).port,
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => void server.close(() => resolve()))
    },
  }
}

/** Looks again until it holds; fails, saying what was waited for, after `seconds`. */
export async function until<T>(what: string, look: () => Promise<T | null | false | undefined>, seconds = 30): Promise<T> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const found = await look()
    if (found !== null && found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`waited ${seconds} s in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export type ScanNow = Readonly<{
  state: string; sub_state: string | null; state_text: string; hosts_total: number; hosts_done: number; hosts_up: number; hosts_dead: number
  hosts_untested: number; ports_open: number; found: number; is_cut: boolean; dropped_count: number; last_heard_at: Date | null
}>

export async function scanNow(store: Store, tenant: string, id: string): Promise<ScanNow> {
  return store.read(tenant, async (tx) => {
    const [row] = await tx.sql<ScanNow[]>`
      select state, sub_state, state_text, hosts_total, hosts_done, hosts_up, hosts_dead, hosts_untested, ports_open, is_cut,
      dropped_count,
        last_heard_at, found1 + found2 + found3 + found4 + found5 as found
      from scan where tenant_id = ${tenant} and id = ${id}`
    return row!
  })
}

/** Every finding of the tenant without what differs between two runs: ids and times. */
export async function findingsOf(store: Store, tenant: string): Promise<readonly string[]> {
  return store.read(tenant, async (tx) => {
    const rows = await tx.sql<{ line: string }[]>`
      select concat_ws(' ', h.identity, f.signature_id, f.proto, f.port, f.instance, f.severity, f.type, f.status,
      f.times_found) as line
      from finding f join asset_host h on h.tenant_id = f.tenant_id and h.id = f.asset_id
      where f.tenant_id = ${tenant} and h.tenant_id = ${tenant} order by 1`
    return rows.map((row) => row.line)
  })
}
