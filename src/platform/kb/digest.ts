import type { ChangeCount, KnowledgeBase, News, NewsEntry } from '#knowledge/knowledge-base.ts'
import type { Store } from '#store/store.ts'
import { endOfWeek, lastWeeks, startOfWeek, weekOf } from './week.ts'

export type WeekCounts = Readonly<{
  updates: number; checksAdded: number; checksChanged: number; checksWithdrawn: number
  vulnerabilitiesAdded: number; vulnerabilitiesChanged: number; vulnerabilitiesWithdrawn: number; newlyExploited: number
}>
/** `from` and `to` are its Monday and Sunday. */
export type Week = Readonly<{ week: string; from: string; to: string; counts: WeekCounts }>
export type WeekDigest = Week & News

type Note = Readonly<{ release: number | null; check: number; title: string; text: string; kind: 'added' | 'changed' | 'withdrawn'; severity: number; at: Date }>

/**
 * The last weeks, newest first, the running one too. An update is a release that changed something, or a check that was published and waits for the next release file:
 * it is judged with already. `updatesAWeek` is the mean of the weeks that are over, from the first that had an update on.
 */
export async function listWeeks(store: Store, base: KnowledgeBase, count: number, now: Date): Promise<Readonly<{ weeks: readonly Week[]; updatesAWeek: number | null }>> {
  const names = lastWeeks(count, now)
  const since = startOfWeek(names.at(-1)!)!.toISOString()
  const [counts, notes] = await Promise.all([base.changeCounts(since), notesBetween(store, new Date(since), now)])
  const weeks = names.map((name) => weekFrom(name, counts, notes))
  const over = weeks.slice(1)
  const first = over.findLastIndex((week) => week.counts.updates > 0)
  const counted = over.slice(0, first + 1)
  return { weeks, updatesAWeek: counted.length === 0 ? null : counted.reduce((sum, week) => sum + week.counts.updates, 0) / counted.length }
}

/** Null when there is no such week. */
export async function readWeek(store: Store, base: KnowledgeBase, name: string): Promise<WeekDigest | null> {
  const from = startOfWeek(name)
  if (from === null) return null
  const to = endOfWeek(from)
  const [counts, news, notes] = await Promise.all([base.changeCounts(from.toISOString()), base.newsBetween(from.toISOString(), to.toISOString()), notesBetween(store, from, to)])
  const withNotes = (kind: Note['kind'], entries: readonly NewsEntry[]): readonly NewsEntry[] => {
    const own = notes.filter((note) => note.kind === kind)
    const told = entries.map((entry) => {
      const note = own.find((one) => String(one.check) === entry.subject && one.release === entry.release)
      return note === undefined ? entry : { ...entry, text: note.text }
    })
    return [...own.filter((note) => note.release === null).map(entryOf), ...told]
  }
  return {
    ...weekFrom(name, counts, notes), added: withNotes('added', news.added), changed: withNotes('changed', news.changed), withdrawn: withNotes('withdrawn', news.withdrawn),
    exploited: news.exploited, notable: news.notable,
  }
}

function entryOf(note: Note): NewsEntry {
  return { at: note.at.toISOString(), release: 0, subject: String(note.check), title: note.title, text: note.text, check: note.check, severity: note.severity === 0 ? null : note.severity, source: 'vigil' }
}

async function notesBetween(store: Store, from: Date, to: Date): Promise<readonly Note[]> {
  return store.platform(({ sql }) => sql<Note[]>`
    select release, signature_id as "check", title, text, kind, severity, at from kb_release_note where at >= ${from} and at < ${to} order by at desc limit 1000`)
}

function weekFrom(name: string, counts: readonly ChangeCount[], notes: readonly Note[]): Week {
  const from = startOfWeek(name)!
  const inWeek = counts.filter((one) => one.about !== 'source' && weekOf(new Date(one.at)) === name)
  const waiting = notes.filter((note) => note.release === null && weekOf(note.at) === name)
  const sum = (about: ChangeCount['about'], ...kinds: readonly string[]): number =>
    inWeek.filter((one) => one.about === about && kinds.includes(one.kind)).reduce((total, one) => total + one.count, 0)
  const waits = (kind: Note['kind']): number => waiting.filter((note) => note.kind === kind).length
  return {
    week: name, from: from.toISOString().slice(0, 10), to: new Date(endOfWeek(from).getTime() - 1).toISOString().slice(0, 10),
    counts: {
      updates: new Set(inWeek.map((one) => one.release)).size + waiting.length,
      checksAdded: sum('check', 'added') + waits('added'), checksChanged: sum('check', 'changed', 'detection') + waits('changed'), checksWithdrawn: sum('check', 'withdrawn') + waits('withdrawn'),
      vulnerabilitiesAdded: sum('vulnerability', 'added'), vulnerabilitiesChanged: sum('vulnerability', 'changed', 'score', 'detection', 'noLongerExploited'),
      vulnerabilitiesWithdrawn: sum('vulnerability', 'withdrawn'), newlyExploited: sum('vulnerability', 'exploited'),
    },
  }
}
