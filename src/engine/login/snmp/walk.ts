import { failed } from '../../net.ts'
import type { Value } from './message.ts'
import type { SnmpSession } from './session.ts'

/** What follows the root in a row's name, as numbers. */
export type Row = Readonly<{ index: readonly number[]; value: Value }>
/** `trouble`: why it is not all there is. */
export type Table = Readonly<{ rows: readonly Row[]; trouble: string | null }>

/** Rows of one answer: what fits into one packet where texts are of usual length. */
const atOnce = 24

/** Reads a column by GETBULK, `most` rows of it. An agent that goes backwards, or in circles, is left. */
export async function walk(session: SnmpSession, root: string, most: number): Promise<Table> {
  const rows: Row[] = []
  let last = root
  let size = atOnce
  for (let round = 0; round <= most; round++) {
    const said = await session.ask({ kind: 'bulk', oid: last, rows: size })
    if (failed(said)) return { rows, trouble: said.text }
    if (said.error === tooBig && size > 1) {
      size = Math.ceil(size / 2)
      continue
    }
    if (said.error !== 0) return { rows, trouble: `the agent answers with error ${said.error}` }
    if (said.bindings.length === 0) return { rows, trouble: 'the agent answers with nothing' }
    for (const { oid, value } of said.bindings) {
      if (!oid.startsWith(`${root}.`) || (oid === last && value === null)) return { rows, trouble: null }
      if (!isAfter(oid, last)) return { rows, trouble: 'the agent goes in circles' }
      if (rows.length >= most) return { rows, trouble: `more than ${most} rows` }
      rows.push({ index: oid.slice(root.length + 1).split('.').map(Number), value })
      last = oid
    }
  }
  return { rows, trouble: 'the agent talks without end' }
}

const tooBig = 1

function isAfter(oid: string, last: string): boolean {
  const [left, right] = [oid.split('.'), last.split('.')]
  for (let place = 0; place < Math.min(left.length, right.length); place++) if (left[place] !== right[place]) return Number(left[place]) > Number(right[place])
  return left.length > right.length
}
