import { VigilError, fail } from '#core/errors.ts'
import type { FeedRecord } from '#core/knowledge/record.ts'
import type { FeedEntry, FeedInput } from '../../archive/feed-input.ts'
import { later } from './json-value.ts'

/** What a reader hands over for one record of the feed, with what was learnt on the way. */
export type Sink = Readonly<{
  put(record: FeedRecord): void
  /** What was read but cannot be used. */
  unused(key: string, reason: string, text: string): void
  /** A time of the feed's: the latest is taken for its day unless it names one. */
  seen(time: string | undefined): void
  /** What the feed says of itself. */
  about(head: Readonly<{ snapshot?: string; version?: string; whole?: boolean }>): void
}>

export type Run = Readonly<{
  /** What it should look like, for messages: `a CVE list`. */
  what: string
  /** Whether the entry is one of the feed's; others are passed over (licences, indexes). */
  takes(name: string): boolean
  /** Records of upstream in this entry. Throws `Unusable` for one bad entry, `feed.*` when the whole feed cannot be believed. */
  entry(bytes: Uint8Array, name: string, sink: Sink): number | Promise<number>
  /** Instead of `entry`, for what is too large to be read whole: tells records as they come. What it has put by then stays put. */
  pieces?(entry: FeedEntry, sink: Sink): AsyncIterable<number>
}>

/** One entry is not what it should be. */
export class Unusable extends Error {
  readonly reason: string
  constructor(reason: string, text: string) {
    super(text)
    this.reason = reason
  }
}


/**
 * Goes through a feed entry by entry: a bad one is counted as unused, a feed with none that is good is not that feed. Ends with the head: the day in the feed's
 * name, else the latest time that was seen.
 */
export async function* runFeed(input: FeedInput, run: Run): AsyncGenerator<FeedRecord> {
  const records: FeedRecord[] = []
  let latest: string | undefined
  let head: { snapshot?: string; version?: string; whole?: boolean } = {}
  const sink: Sink = {
    put: (record) => void records.push(record),
    unused: (key, reason, text) => void records.push({ record: 'unused', key: key.slice(0, 200), reason, text: text.slice(0, 300) }),
    seen: (time) => {
      latest = later(latest, time)
    },
    about: (said) => {
      head = { ...head, ...said }
    },
  }
  let good = 0
  let bad = 0
  let problem = 'nothing in it has the form'
  for await (const entry of input.entries()) {
    if (!run.takes(entry.name)) continue
    if (run.pieces !== undefined) {
      try {
        for await (const found of run.pieces(entry, sink)) {
          good += found
          if (found > 0) records.push({ record: 'counted', records: found })
          yield* records
          records.length = 0
        }
      } catch (error) {
        if (!(error instanceof Unusable)) throw error
        bad++
        problem = error.message.slice(0, 200)
        sink.unused(entry.name, error.reason, problem)
      }
      yield* records
      records.length = 0
      continue
    }
    const bytes = await entry.bytes()
    try {
      const given = run.entry(bytes, entry.name, sink)
      const found = typeof given === 'number' ? given : await given
      good += found
      if (found > 0) records.push({ record: 'counted', records: found })
    } catch (error) {
      if (error instanceof VigilError) throw error
      bad++
      // What was put before it broke is half a record.
      records.length = 0
      problem = error instanceof Error ? error.message.slice(0, 200) : 'unreadable'
      sink.unused(entry.name, error instanceof Unusable ? error.reason : 'unreadable', problem)
    }
    yield* records
    records.length = 0
  }
  if (good === 0) fail('feed.format', { path: input.name, what: run.what, problem })
  if (bad > good && bad > 20) fail('feed.format', { path: input.name, what: run.what, problem: `${bad} of ${good + bad} entries are unreadable, as ${problem}` })
  const snapshot = dayOf(input.name) ?? head.snapshot ?? latest?.slice(0, 10)
  // One advisory by itself, or what changed since, is a part of what there is.
  const isPart = (good === 1 && /\.json(?:\.gz)?$/.test(input.name)) || /delta/i.test(input.name)
  yield { record: 'head', ...(snapshot === undefined ? {} : { snapshot }), ...(head.version === undefined ? {} : { version: head.version }), whole: head.whole ?? !isPart }
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The JSON of an entry. Throws `Unusable`. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown
  } catch (error) {
    throw new Unusable('not-json', error instanceof Error ? error.message.slice(0, 200) : 'no JSON')
  }
}

export function utf8Of(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Unusable('not-text', 'it is no UTF-8')
  }
}

/** One record of many in an entry: what it throws over is unused, the rest goes on. */
export function each(sink: Sink, key: string, work: () => void): boolean {
  try {
    work()
    return true
  } catch (error) {
    if (error instanceof VigilError) throw error
    sink.unused(key, error instanceof Unusable ? error.reason : 'unreadable', error instanceof Error ? error.message : 'unreadable')
    return false
  }
}

/** `2026-08-21` in a feed's name. */
export function dayOf(name: string): string | undefined {
  return /(?:^|\D)((?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))(?:\D|$)/.exec(name)?.[1]
}

