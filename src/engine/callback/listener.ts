import { createSocket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { contains, type IpSet } from '#core/ip-set.ts'
import { parseIp } from '#core/ip.ts'
import type { Callbacks } from './callbacks.ts'
import { listenDns, type DnsListener } from './dns-server.ts'
import { keptMost, listenHttp, plainAddress, type HttpListener } from './http-server.ts'
import { openTokens } from './tokens.ts'

export type ListenerOptions = Readonly<{
  /** Where it listens, whatever the target; absent: on that address of this machine from which the target is reached. */
  address?: string
  /** TCP port; absent: one that the kernel picks, and 80 where there is a domain. */
  port?: number
  /** A domain delegated to this machine; names below it are answered. */
  domain?: string
  /** UDP port for DNS; 53 when absent. */
  dnsPort?: number
  now(): number
}>

export interface Listener extends Callbacks {
  /** Lets the hosts of a slice call, until what it returns is called. Nobody else gets a word. */
  admit(scope: IpSet): () => void
  readonly dnsPort: number | null
}

/** Addresses of this machine on which it listens at most. */
const addressesMost = 16

/** Opens the listener of a scanner. Without an address nothing is bound until a host needs it. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const tokens = openTokens()
  const scopes = new Set<Readonly<{ scope: IpSet }>>()
  const servers = new Map<string, Promise<HttpListener | null>>()
  /** How a host under way reaches us. */
  const ways = new Map<string, Readonly<{ address: string; port: number }>>()
  let dns: DnsListener | null = null

  const admits = (from: string): boolean => {
    const ip = parseIp(from)
    return ip !== null && [...scopes].some(({ scope }) => contains(scope, ip))
  }

  function serverOn(address: string, port: number): Promise<HttpListener | null> {
    const known = servers.get(address)
    if (known !== undefined) return known
    if (servers.size >= addressesMost) return Promise.resolve(null)
    const opened = listenHttp({
      address, port, admits,
      heard(request, from) {
        const token = tokens.find(request)
        if (token !== null) tokens.note(token, { protocol: 'http', from, at: options.now(), request })
      },
    }).catch(() => null)
    servers.set(address, opened)
    return opened
  }

  const httpPort = options.port ?? (options.domain === undefined ? 0 : 80)
  if (options.address !== undefined) {
    if ((await serverOn(options.address, httpPort)) === null) throw new Error(`the callback listener cannot listen on ${options.address} port ${httpPort}`)
    if (options.domain !== undefined) {
      dns = await listenDns({
        address: options.address, port: options.dnsPort ?? 53, domain: options.domain.toLowerCase().replace(/\.$/, ''), answer: options.address,
        heard(name, request, from) {
          const token = tokens.find(name)
          if (token !== null) tokens.note(token, { protocol: 'dns', from, at: options.now(), request: request.slice(0, keptMost) })
          return token !== null
        },
      })
    }
  }
  const domain = dns === null ? undefined : options.domain!.toLowerCase().replace(/\.$/, '')

  return {
    named: domain !== undefined,
    dnsPort: dns?.port ?? null,
    admit(scope) {
      const entry = { scope }
      scopes.add(entry)
      return () => void scopes.delete(entry)
    },
    async begin(address) {
      const own = options.address !== undefined && !isLoopback(address) ? options.address : await ownAddress(address)
      if (own === null) return
      const server = await serverOn(own, options.address === undefined || own === options.address ? httpPort : 0)
      if (server !== null) ways.set(address, { address: own, port: server.port })
    },
    end(address) {
      ways.delete(address)
      tokens.drop(address)
    },
    place(address) {
      const way = ways.get(address)
      if (way === undefined) return null
      const token = tokens.give(address)
      if (token === null) return null
      const host = way.address.includes(':') ? `[${way.address}]` : way.address
      // A name leads to port 80 and nowhere else; to loopback no name leads.
      return { token, url: domain !== undefined ? `${token}.${domain}` : `${host}:${way.port}/${token}` }
    },
    calls: ({ token }) => tokens.calls(token),
    wait: (place, ms, signal) => tokens.wait(place, ms, signal),
    async close() {
      scopes.clear()
      const all = await Promise.all(servers.values())
      await Promise.all([...all.map((server) => server?.close()), dns?.close()])
    },
  }
}

/** From which of our addresses the kernel would speak to another; connecting a UDP socket sends nothing. Null: there is no way. */
function ownAddress(to: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket(isIPv4(to) ? 'udp4' : 'udp6')
    const end = (found: string | null): void => {
      socket.removeAllListeners()
      socket.on('error', () => {})
      socket.close()
      resolve(found)
    }
    socket.once('error', () => end(null))
    socket.connect(9, to, () => end(plainAddress(socket.address().address)))
  })
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}
