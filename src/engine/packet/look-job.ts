import type { PacketAddress } from './address.ts'
import type { Answer } from './answer.ts'
import { cookieOf, type Seed } from './cookie.ts'
import { arpFrame, echoPacket, solicitationFrame, synTemplate, udpPacket, type Template } from './frame.ts'
import type { Report } from './message.ts'
import type { Link } from './route.ts'
import type { Sender } from './sender.ts'

/** One address of which it is asked whether anybody is there: tens of thousands of them at once, so that each holds little. */
export type LookJob = Readonly<{
  id: number
  to: PacketAddress
  /** When it wants to send or to give up. */
  due(): number
  /** Sends what the step asks for; a report when there is no further step. */
  step(now: number): Report | null
  /** An answer that settles it, or null. */
  take(answer: Answer, now: number, isRouter: (sender: number) => boolean, sender: number): Report | null
}>

export type LookOptions = Readonly<{
  id: number
  to: PacketAddress
  from: Uint8Array
  ownPort: number
  seed: Seed
  /** Its own network, if it is on one: then it is asked for its hardware address first, and silence there is the answer. */
  link: Link | null
  ports: Uint16Array
  udp: Uint16Array
  icmp: boolean
  /** Ms after which silence counts. */
  patience: number
  senders: Readonly<{ ip: Sender; link: Sender | null }>
}>

/** The cookie of an echo stands above those of ports. */
const echoCookie = 65_536
const firstPorts = 4
/** Ms until what keeps silent is asked the next thing. */
const [moment, neighbourWait] = [250, 400] as const

export function newLookJob(options: LookOptions, began: number): LookJob {
  const { id, to, from, ownPort, seed, link, ports, udp, icmp, patience, senders } = options
  const asksNeighbour = link !== null && senders.link !== null && icmp
  let stage: 'neighbour' | 'first' | 'rest' | 'last' = asksNeighbour ? 'neighbour' : 'first'
  let tries = 0
  let at = began
  let sent = began
  let template: Template | null = null

  const looked = (up: boolean, why: string, now: number): Report => ({ type: 'looked', id, up, why, took: up ? now - sent : null })

  function syn(list: Uint16Array): void {
    template ??= synTemplate(from, ownPort, to, 0)
    for (const port of list) senders.ip.syn(template, port, cookieOf(seed, port))
  }

  const echo = (): void => {
    if (icmp) senders.ip.packet(echoPacket(from, to, ownPort, cookieOf(seed, echoCookie)), to.name)
  }

  return {
    id,
    to,
    due: () => at,
    step(now) {
      if (stage === 'neighbour') {
        // A network answers within milliseconds; a second and third question are for what sleeps or was lost.
        if (tries === 3) return looked(false, 'no answer: nobody on the network has the address', now)
        tries += 1
        senders.link!.packet(to.version === 4 ? arpFrame(link!.mac, from, to) : solicitationFrame(link!.mac, from, to), link!.name)
        if (tries === 1) sent = now
        at = now + neighbourWait
      } else if (stage === 'first') {
        echo()
        syn(ports.subarray(0, firstPorts))
        sent = now
        at = now + moment
        stage = 'rest'
      } else if (stage === 'rest') {
        echo()
        syn(ports.subarray(firstPorts))
        for (const port of udp) senders.ip.packet(udpPacket(from, ownPort, to, port, new Uint8Array(0)), to.name)
        at = now + patience
        stage = 'last'
      } else return looked(false, `no answer on ${ports.length} ports${icmp ? ' nor to an echo request' : ''}`, now)
      return null
    },
    take(answer, now, isRouter, sender) {
      const { kind } = answer
      if (kind === 'arp' || kind === 'neighbour') {
        if (stage !== 'neighbour') return null
        if (!isRouter(sender)) return looked(true, kind === 'arp' ? 'answers ARP' : 'answers the search for neighbours', now)
        // One hardware address answers for many: a router in their stead, which proves nothing.
        stage = 'first'
        at = now
        return null
      }
      if (kind === 'echo') return answer.cookie === cookieOf(seed, echoCookie) ? looked(true, 'answers an echo request', now) : null
      if (kind === 'udp') return udp.includes(answer.port) ? looked(true, `UDP port ${answer.port} answers`, now) : null
      if (kind === 'error') {
        // That it is unreachable is said by others; that a port of it is, by itself.
        const isItself = answer.proto === 17 && answer.type === (to.version === 4 ? 3 : 1) && answer.code === (to.version === 4 ? 3 : 4) && udp.includes(answer.port)
        return isItself ? looked(true, `UDP port ${answer.port} answers by refusing`, now) : null
      }
      if (answer.cookie !== cookieOf(seed, answer.port)) return null
      return looked(true, kind === 'syn-ack' ? `port ${answer.port} is open` : `port ${answer.port} answers by refusing`, now)
    },
  }
}
