import { fileURLToPath } from 'node:url'
import type { FeedRecord } from '#core/knowledge/record.ts'
import type { FeedInput } from '../archive/feed-input.ts'
import { openFeedInput } from '../archive/open.ts'
import type { FeedReader } from './reader.ts'

/** A slice in test/feeds, as a feed. */
export function slice(path: string): Promise<FeedInput> {
  return openFeedInput(fileURLToPath(new URL(`../../../test/feeds/${path}`, import.meta.url)))
}

export type Kind = FeedRecord['record']
export type Read = Readonly<{
  of<K extends Kind>(kind: K): readonly Extract<FeedRecord, { record: K }>[]
  /** Of one vulnerability. */
  affected(vulnerability: string, name?: string): readonly Extract<FeedRecord, { record: 'affected' }>[]
  statement(vulnerability: string, key?: string): Extract<FeedRecord, { record: 'statement' }>
  /** Reasons of what could not be used, with how often. */
  unused: Readonly<Record<string, number>>
  records: number
}>

/** All that a reader says of a feed. Throws what it throws. */
export async function readAll(reader: FeedReader, input: FeedInput | Promise<FeedInput>): Promise<Read> {
  const all: FeedRecord[] = []
  for await (const record of reader.read(await input)) all.push(record)
  const of = <K extends Kind>(kind: K): readonly Extract<FeedRecord, { record: K }>[] => all.filter((one): one is Extract<FeedRecord, { record: K }> => one.record === kind)
  const unused: Record<string, number> = {}
  for (const { reason } of of('unused')) unused[reason] = (unused[reason] ?? 0) + 1
  return {
    of,
    affected: (vulnerability, name) => of('affected').filter((one) => one.vulnerability === vulnerability && (name === undefined || one.product.name === name)),
    statement(vulnerability, key) {
      const found = of('statement').find((one) => one.vulnerability === vulnerability && (key === undefined || one.key === key))
      if (found === undefined) throw new Error(`no statement on ${vulnerability} with key ${key ?? '(any)'}; there are ${of('statement').map((one) => `${one.vulnerability}=${one.key}`).join(', ')}`)
      return found
    },
    unused,
    records: of('counted').reduce((sum, one) => sum + one.records, 0),
  }
}
