import { parseIpSet } from '#core/ip-set.ts'
import { eachPort, parsePorts } from '#core/port-set.ts'
import { standard, type Profile } from '#core/profile.ts'
import type { Swept } from '#engine/net.ts'
import type { StackSight } from '#engine/packet/stack.ts'
import { openNet } from '#engine/net/open.ts'

export type Task = Readonly<{ scope: string; exclude?: string; look?: readonly string[]; sweep?: readonly string[]; ports?: string; profile?: Partial<Profile>; stopAfter?: number }>
/** One port as it came out. */
export type SweptPort = Readonly<{ port: number; state: Swept['state']; text?: string; failed?: string; stack?: StackSight }>
export type Outcome = Readonly<{
  method: string
  why: string
  looked: Readonly<Record<string, Readonly<{ up: boolean; why: string }> | null>>
  swept: Readonly<Record<string, readonly SweptPort[]>>
  refused: readonly string[]
}>

/** Looks and sweeps as told on the command line, and prints what came of it: run in the namespace of a scanner. */
const task = JSON.parse(process.argv[2]!) as Task
const controller = new AbortController()
const profile: Profile = { ...standard, ...task.profile }
const net = openNet({ scope: parseIpSet(task.scope), exclude: parseIpSet(task.exclude ?? ''), profile, signal: controller.signal, now: Date.now })
const looked: Record<string, { up: boolean; why: string } | null> = {}
const swept: Record<string, SweptPort[]> = {}
const refused: string[] = []
const guard = (address: string) => (error: Error): void => void refused.push(`${address}: ${error.name}`)

await Promise.all((task.look ?? []).map(async (address) => void (looked[address] = await net.look(address, [443, 80, 22])) ).map((work, index) => work.catch(guard(task.look![index]!))))
await Promise.all((task.sweep ?? []).map(async (address) => {
  const list: SweptPort[] = (swept[address] = [])
  for await (const { state, ports, failure, stacks } of net.sweep(address, eachPort(parsePorts(task.ports ?? '1-1000')), controller.signal)) {
    for (const port of state !== 'closed' || task.stopAfter !== undefined ? ports : []) {
      const stack = stacks?.find(([of]) => of === port)?.[1]
      list.push({ port, state, ...(failure === undefined ? {} : { text: failure.text, failed: failure.failed }), ...(stack === undefined ? {} : { stack }) })
      if (list.length === task.stopAfter) controller.abort()
    }
  }
}).map((work, index) => work.catch(guard(task.sweep![index]!))))
const { method, why } = net.packets
process.stdout.write(JSON.stringify({ method, why, looked, swept, refused } satisfies Outcome))
net.close()
