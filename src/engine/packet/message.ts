import type { IpSet } from '#core/ip-set.ts'
import type { StackSight } from './stack.ts'

/** What the thread of packets is started with. `stop`: set to 1, nothing leaves any more, whatever it is about to do. `rate`: see net/rate.ts. */
export type ThreadData = Readonly<{
  scope: IpSet
  exclude: IpSet
  connect: number
  perSecond: number
  stop: Int32Array
  rate: BigInt64Array
}>

export type Order =
  | Readonly<{ type: 'sweep'; id: number; address: string; ports: Uint16Array }>
  | Readonly<{ type: 'look'; id: number; address: string; ports: Uint16Array; udp: Uint16Array; icmp: boolean }>
  | Readonly<{ type: 'cancel'; id: number }>

/** States of a port, as numbers on the way between threads. */
export const [open, closed, rejected] = [2, 3, 4] as const

export type Report =
  | Readonly<{ type: 'ready'; method: string }>
  | Readonly<{ type: 'unable'; why: string }>
  | Readonly<{ type: 'ports'; id: number; open: Uint16Array; closed: Uint16Array; rejected: readonly (readonly [text: string, ports: Uint16Array])[]; stacks: readonly (readonly [port: number, sight: StackSight])[] }>
  | Readonly<{ type: 'swept'; id: number; silent: Uint16Array; why: string }>
  | Readonly<{ type: 'looked'; id: number; up: boolean; why: string; took: number | null }>
