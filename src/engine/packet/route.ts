import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { parseIp } from '#core/ip.ts'
import { bytesOf, isSame, type PacketAddress } from './address.ts'
import type { Libc, Memory } from './libc.ts'

/** Our own address on the way to another, by the kernel's own decision, rules and all: a UDP socket is connected, which sends nothing. Null: there is no way. */
export function sourceFor(libc: Libc, scratch: Memory, { version, name }: PacketAddress): Uint8Array | null {
  const socket = libc.socket(version === 4 ? 2 : 10, 2, 0)
  if (socket < 0) return null
  try {
    const { address, bytes, view } = scratch
    bytes.set(name)
    // A port: some systems find no way to port 0.
    view.setUint16(2, 9)
    if (libc.connect(socket, address, name.length) < 0) return null
    view.setUint32(64, 28, true)
    if (libc.getsockname(socket, address + 96, address + 64) < 0) return null
    return bytes.slice(version === 4 ? 100 : 104, version === 4 ? 104 : 120)
  } finally {
    libc.close(socket)
  }
}

/** An Ethernet device on whose own network an address is, so that its neighbours can be asked directly. `name` is the device's socket address. */
export type Link = Readonly<{ device: string; mac: Uint8Array; name: Uint8Array; own: readonly Uint8Array[] }>

/** Whose hardware address a frame to an address bears: its own, or the router's. */
export type Hop = Readonly<{ link: Link; isNeighbour: boolean; bytes: Uint8Array }>

/** Finds the Ethernet device that leads to an address and who is next there, by the most specific route. The table is read once. */
export function readHops(): (to: PacketAddress, from: Uint8Array) => Hop | null {
  const routes = [...routes4(), ...routes6()].sort((a, b) => b.bits - a.bits)
  const links = new Map<string, Link | null>()
  return (to, from) => {
    const route = routes.find(({ network, bits }) => network.length === to.bytes.length && agrees(network, to.bytes, bits))
    if (route === undefined) return null
    let link = links.get(route.device)
    if (link === undefined) links.set(route.device, (link = linkOf(route.device)))
    // Where rules lead elsewhere than the main table, our address on the way is another device's.
    if (link === null || !link.own.some((bytes) => isSame(bytes, from))) return null
    return { link, isNeighbour: route.gateway === null, bytes: route.gateway ?? to.bytes }
  }
}

type Route = Readonly<{ device: string; network: Uint8Array; bits: number; gateway: Uint8Array | null }>

function routes4(): Route[] {
  return rows('/proc/net/route').slice(1).flatMap(([device, network, gateway, flags, , , , mask]) => {
    if (mask === undefined || (Number.parseInt(flags!, 16) & 1) === 0) return []
    const bits = Number.parseInt(mask, 16).toString(2).replaceAll('0', '').length
    return [{ device: device!, network: Uint8Array.from(Buffer.from(network!, 'hex')).reverse(), bits, gateway: gateway === '00000000' ? null : Uint8Array.from(Buffer.from(gateway!, 'hex')).reverse() }]
  })
}

function routes6(): Route[] {
  return rows('/proc/net/ipv6_route').flatMap(([network, bits, , , gateway, , , , flags, device]) => {
    // Up, and not one that refuses.
    if (device === undefined || (Number.parseInt(flags!, 16) & 0x201) !== 1) return []
    return [{ device, network: Uint8Array.from(Buffer.from(network!, 'hex')), bits: Number.parseInt(bits!, 16), gateway: /^0+$/.test(gateway!) ? null : Uint8Array.from(Buffer.from(gateway!, 'hex')) }]
  })
}

/** The hardware addresses that the kernel knows of its IPv4 neighbours, as it asked for them itself. */
export function readNeighbours(): (hop: Hop) => Uint8Array | null {
  // Address, type, flags (2: complete), hardware address, mask, device.
  const known = new Map(rows('/proc/net/arp').slice(1).flatMap(([address, , flags, mac, , device]) => (device === undefined || (Number(flags) & 2) === 0 ? [] : [[`${address} ${device}`, mac!]])))
  return ({ link, bytes }) => {
    const mac = known.get(`${bytes.join('.')} ${link.device}`)
    return mac === undefined ? null : Uint8Array.from(Buffer.from(mac.replaceAll(':', ''), 'hex'))
  }
}

function rows(file: string): string[][] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter((line) => line !== '').map((line) => line.trim().split(/\s+/))
  } catch {
    return []
  }
}

function agrees(network: Uint8Array, address: Uint8Array, bits: number): boolean {
  for (let index = 0; index * 8 < bits; index++) {
    const left = bits - index * 8
    const mask = left >= 8 ? 0xff : (0xff << (8 - left)) & 0xff
    if (((network[index]! ^ address[index]!) & mask) !== 0) return false
  }
  return true
}

function linkOf(device: string): Link | null {
  const addresses = networkInterfaces()[device] ?? []
  const own = addresses[0]
  if (own === undefined || own.internal || own.mac === '00:00:00:00:00:00') return null
  try {
    const read = (what: string): number => Number(readFileSync(`/sys/class/net/${device}/${what}`, 'utf8'))
    // ARPHRD_ETHER
    if (read('type') !== 1) return null
    const name = new Uint8Array(20)
    const view = new DataView(name.buffer)
    view.setUint16(0, 17, true)
    view.setInt32(4, read('ifindex'), true)
    name[11] = 6
    return { device, mac: Uint8Array.from(Buffer.from(own.mac.replaceAll(':', ''), 'hex')), name, own: addresses.map(({ address }) => parseIp(address)).filter((ip) => ip !== null).map(bytesOf) }
  } catch {
    return null
  }
}
