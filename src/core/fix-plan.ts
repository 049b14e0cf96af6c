import { riskOfBands } from './risk.ts'
import { bandOf } from './score.ts'

/** Open findings, one an index: on which host (index into `impacts`), settled by which fix (0 to `fixes` − 1), and the score. */
export type PlanInput = Readonly<{ impacts: ArrayLike<number>; fixes: number; host: ArrayLike<number>; fix: ArrayLike<number>; score: ArrayLike<number> }>
/** Risk summed over hosts before and after the fix, given the steps before it. */
export type PlanStep = Readonly<{ fix: number; before: number; after: number; hosts: number; findings: number }>
export type Plan = Readonly<{ risk: number; steps: readonly PlanStep[]; left: number; more: number }>

const bandNumber = { critical: 0, high: 1, medium: 2, low: 3 } as const

/**
 * Which fixes take most risk soonest. Two ways are tried: always the fix after which the summed risk of all hosts is lowest; and one that also looks ahead, since where a
 * host's worst findings need two fixes, neither alone takes much. The one that leaves less over all its steps is told. Each step's effect is exact either way.
 */
export function planFixes(input: PlanInput, most: number): Plan {
  const cells = gather(input)
  const [near, far] = [stepsOf(input, cells, most, false), stepsOf(input, cells, most, true)]
  return areaOf(far, most) < areaOf(near, most) - 0.01 ? far : near
}

/** Always the next best fix: the first of the two ways alone. */
export function planNearest(input: PlanInput, most: number): Plan {
  return stepsOf(input, gather(input), most, false)
}

/** Risk left, summed over steps: early relief counts in each step after it. */
export function areaOf(plan: Plan, most: number): number {
  return plan.steps.reduce((sum, step) => sum + step.after, 0) + (most - plan.steps.length) * plan.left
}

/** When a fix is chosen, every fix that shares a host with it is weighed anew on that host. */
function stepsOf(input: PlanInput, cells: Cells, most: number, ahead: boolean): Plan {
  const { count: cellCount, ofHost, ofFix } = cells
  const risk = new Float64Array(input.impacts.length)
  const gain = new Float64Array(input.fixes)
  const part = new Float64Array(cellCount)
  const isDone = new Uint8Array(cellCount)
  const weigh = (host: number): void => {
    const held = heldBy(cells, host, isDone)
    risk[host] = riskOfBands(input.impacts[host]!, held.worst, held.count)
    const lead = ahead ? leadOf(cells, host, input.impacts[host]!, held, isDone, risk[host]!) : null
    for (let at = ofHost.start[host]!; at < ofHost.start[host + 1]!; at++) {
      const cell = ofHost.cell[at]!
      if (isDone[cell] === 1) continue
      const alone = Math.max(0, risk[host]! - riskWithout(cells, cell, input.impacts[host]!, held))
      const value = lead !== null && cells.counts[cell * 4 + lead.band]! > 0 ? Math.max(alone, lead.share) : alone
      gain[cells.fix[cell]!]! += value - part[cell]!
      part[cell] = value
    }
  }
  for (let host = 0; host < risk.length; host++) weigh(host)
  let now = risk.reduce((sum, one) => sum + one, 0)
  const start = now
  const steps: PlanStep[] = []
  const isTaken = new Uint8Array(input.fixes)
  while (steps.length < most) {
    let best = -1
    for (let fix = 0; fix < input.fixes; fix++) if (isTaken[fix] === 0 && gain[fix]! > 0.005 && (best < 0 || gain[fix]! > gain[best]!)) best = fix
    if (best < 0) break
    isTaken[best] = 1
    const before = now
    let findings = 0
    for (let at = ofFix.start[best]!; at < ofFix.start[best + 1]!; at++) {
      const cell = ofFix.cell[at]!
      const host = cells.host[cell]!
      isDone[cell] = 1
      for (let band = 0; band < 4; band++) findings += cells.counts[cell * 4 + band]!
      const known = risk[host]!
      weigh(host)
      now += risk[host]! - known
    }
    steps.push({ fix: best, before, after: Math.max(0, now), hosts: ofFix.start[best + 1]! - ofFix.start[best]!, findings })
  }
  return { risk: start, steps, left: Math.max(0, now), more: gain.reduce((sum, one, fix) => sum + (isTaken[fix] === 0 && one > 0.005 ? 1 : 0), 0) }
}

type Held = Readonly<{ count: number[]; worst: number[]; by: number[]; next: number[] }>
const held: Held = { count: [0, 0, 0, 0], worst: [0, 0, 0, 0], by: [-1, -1, -1, -1], next: [0, 0, 0, 0] }

/** What the host still has in each band: how many, the worst score, of which cell, and the worst of another. One object for all: it is read before the next host. */
function heldBy(cells: Cells, host: number, isDone: Uint8Array): Held {
  for (let band = 0; band < 4; band++) held.count[band] = held.worst[band] = held.next[band] = 0
  const { start, cell: list } = cells.ofHost
  for (let at = start[host]!; at < start[host + 1]!; at++) {
    const cell = list[at]!
    if (isDone[cell] === 1) continue
    for (let band = 0; band < 4; band++) {
      const count = cells.counts[cell * 4 + band]!
      if (count === 0) continue
      const worst = cells.worst[cell * 4 + band]!
      held.count[band]! += count
      if (worst > held.worst[band]!) {
        held.next[band] = held.worst[band]!
        held.worst[band] = worst
        held.by[band] = cell
      } else if (worst > held.next[band]!) held.next[band] = worst
    }
  }
  return held
}

/** What it brings to clear the host's worst band, shared by the fixes that it takes. */
function leadOf(cells: Cells, host: number, impact: number, all: Held, isDone: Uint8Array, risk: number): Readonly<{ band: number; share: number }> | null {
  const band = all.count.findIndex((count) => count > 0)
  if (band < 0) return null
  let fixes = 0
  const { start, cell: list } = cells.ofHost
  for (let at = start[host]!; at < start[host + 1]!; at++) if (isDone[list[at]!] === 0 && cells.counts[list[at]! * 4 + band]! > 0) fixes++
  for (let one = 0; one < 4; one++) {
    without.count[one] = one === band ? 0 : all.count[one]!
    without.worst[one] = all.worst[one]!
  }
  return { band, share: (risk - riskOfBands(impact, without.worst, without.count)) / fixes }
}

const without = { worst: [0, 0, 0, 0], count: [0, 0, 0, 0] }

function riskWithout(cells: Cells, cell: number, impact: number, all: Held): number {
  for (let band = 0; band < 4; band++) {
    const own = cells.counts[cell * 4 + band]!
    without.count[band] = all.count[band]! - own
    without.worst[band] = own > 0 && all.by[band] === cell ? all.next[band]! : all.worst[band]!
  }
  return riskOfBands(impact, without.worst, without.count)
}

/** Findings of one host that one fix settles: a cell, with counts and worst scores by band. */
type Cells = Readonly<{ count: number; host: Int32Array; fix: Int32Array; counts: Uint16Array; worst: Uint8Array; ofHost: Lists; ofFix: Lists }>
type Lists = Readonly<{ start: Int32Array; cell: Int32Array }>

function gather({ impacts, fixes, host, fix, score }: PlanInput): Cells {
  const numbers = new Map<number, number>()
  const most = host.length
  const [hosts, patches, counts, worst] = [new Int32Array(most), new Int32Array(most), new Uint16Array(most * 4), new Uint8Array(most * 4)]
  for (let at = 0; at < most; at++) {
    const key = host[at]! * fixes + fix[at]!
    let cell = numbers.get(key)
    if (cell === undefined) {
      cell = numbers.size
      numbers.set(key, cell)
      hosts[cell] = host[at]!
      patches[cell] = fix[at]!
    }
    const place = cell * 4 + bandNumber[bandOf(score[at]!)]
    if (counts[place]! < 65_535) counts[place]!++
    if (score[at]! > worst[place]!) worst[place] = score[at]!
  }
  const count = numbers.size
  return { count, host: hosts, fix: patches, counts, worst, ofHost: listsOf(hosts, count, impacts.length), ofFix: listsOf(patches, count, fixes) }
}

function listsOf(owner: Int32Array, count: number, owners: number): Lists {
  const start = new Int32Array(owners + 1)
  for (let cell = 0; cell < count; cell++) start[owner[cell]! + 1]!++
  for (let at = 0; at < owners; at++) start[at + 1]! += start[at]!
  const next = start.slice()
  const cell = new Int32Array(count)
  for (let one = 0; one < count; one++) cell[next[owner[one]!]!++] = one
  return { start, cell }
}
