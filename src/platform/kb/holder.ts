import { watch, type FSWatcher } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { Signature } from '#core/signature.ts'
import type { TemplatePack } from '#core/template/pack.ts'
import { loadContent } from '#formats/content.ts'
import { emptyKnowledge } from '#knowledge/empty.ts'
import { readCurrent, type Current } from '#knowledge/folder.ts'
import type { KnowledgeBase } from '#knowledge/knowledge-base.ts'
import { openRelease } from '#knowledge/open.ts'
import type { Store } from '#store/store.ts'
import { overlay, ownChecksChannel, publishedSignatures, stagedSignatures, type OwnChecks } from './draft-source.ts'
import { fingerprintsOf, type FingerprintSet } from './fingerprints.ts'
import { knowledgeOf, type Knowledge } from './knowledge.ts'
import { openRanges, type Ranges } from './ranges.ts'
import { storeRelease, storeStaged } from './release.ts'
import { contentOf, rulesOf, type Rules } from './rules.ts'
import { openTemplateChecks, type TemplateChecks } from './template-checks.ts'
import { templatesOf } from './templates.ts'

/** Heard by every node of the platform when one of them found another release in force. */
export const pointerChannel = 'kb_pointer'
/** Which checks somebody is judged by: `general`, or `canary` for those who try staged ones. */
export type Line = 'general' | 'canary'

/** What is in force, as one thing: swapped whole. */
export type InForce = Readonly<{
  current: Current | null
  base: KnowledgeBase
  general: Knowledge
  canary: Knowledge
  canaries: ReadonlySet<string>
  rules: Readonly<Record<Line, Rules>>
  /** How software names itself, for the scanners; null: the release knows nothing of that. */
  fingerprints: FingerprintSet | null
  /** What scanners run of the template language; null: the release has none. */
  templates: TemplatePack | null
  /** Whether every shipped file was read: then a signature that is missing was withdrawn on purpose. */
  isWhole: boolean
}>

export type KnowledgeHolder = Readonly<{
  inForce(): InForce
  /** What judges an organisation. */
  of(tenant: string): Knowledge
  lineOf(tenant: string): Line
  ofLine(line: Line): Knowledge
  /** The release in force, for reading. */
  base(): KnowledgeBase
  /** Looks whether something else is in force now, and swaps to it; resolves when that is done. Never throws: what was in force goes on. */
  refresh(): Promise<void>
  /** Called after each swap. */
  heard(listener: (inForce: InForce) => void): void
  stop(): Promise<void>
}>

export type HolderOptions = Readonly<{
  store: Store
  /** The folder of the checks that Vigil is shipped with. */
  content: string
  /** Where compiled content is kept. */
  cache?: string
  /** The folder of the KnowledgeBase's releases; null: there are none. */
  folder: string | null
  now?: () => number
  tell?: (text: string) => void
  onError?: (error: unknown) => void
  /** How often the pointer is looked at, besides being watched. */
  pollMs?: number
  /** How long what was swapped out can still be asked: batches under way. */
  graceMs?: number
}>

type Parts = Readonly<{ shipped: readonly Signature[]; isWhole: boolean; release: readonly Signature[]; own: OwnChecks; staged: OwnChecks; canaries: ReadonlySet<string> }>

/**
 * Holds what judges: the shipped checks, the release's, and what the team published here or is trying out, with the ranges of the release in force. It follows the
 * pointer to the release, and what the team does, on whichever node that happens; a new one is opened and compiled beside the old one and put in its place with
 * one assignment, so that nothing waits and nothing stops. What cannot be opened is told, and the one before goes on.
 */
export async function openKnowledgeHolder(options: HolderOptions): Promise<KnowledgeHolder> {
  const { store, folder, tell = () => {}, onError = () => {} } = options
  const now = options.now ?? Date.now
  const listeners = new Set<(inForce: InForce) => void>()
  const timers = new Set<NodeJS.Timeout>()
  const retired = new Set<KnowledgeBase>()
  const shippedContent = await loadContent(options.content, options.cache)
  for (const problem of shippedContent.problems) tell(`content: ${problem.file}: ${problem.signature ?? ''} ${problem.field} ${problem.text}`)
  let bad: string | null = null
  let held: InForce = await make(null)
  let turn: Promise<void> = Promise.resolve()
  let stopped = false

  /** Reads everything that is in force now; what is the same as before is taken over. */
  async function make(before: InForce | null): Promise<InForce> {
    const current = folder === null ? null : readCurrent(folder)
    const moved = current !== null && (before?.current?.root !== current.root || before.current.file !== current.file) && bad !== keyOf(current)
    let base = before?.base ?? emptyKnowledge
    let pointer = before?.current ?? null
    let release = releaseSignatures.get(base) ?? []
    if (moved) {
      const opened = openRelease(folder!, current)
      try {
        release = await opened.signatures()
        releaseSignatures.set(opened, release)
        releaseFingerprints.set(opened, await fingerprintsOf(opened))
        releaseTemplates.set(opened, await templatesOf(opened))
        base = opened
        pointer = current
        bad = null
      } catch (error) {
        bad = keyOf(current)
        tell(`release ${current.name} cannot be opened, ${before?.current?.name ?? 'what was in force'} goes on: ${error instanceof Error ? error.message : String(error)}`)
        await opened.close().catch(() => {})
      }
    }
    const [own, { tenants: canaries, ...staged }] = await Promise.all([publishedSignatures(store), stagedSignatures(store)])
    return compose({ shipped: shippedContent.signatures, isWhole: shippedContent.problems.length === 0, release, own, staged, canaries }, pointer, base, before)
  }

  async function compose(parts: Parts, current: Current | null, base: KnowledgeBase, before: InForce | null): Promise<InForce> {
    const plain = newest(parts.shipped, parts.release)
    const general = overlay(plain, parts.own)
    const canary = parts.staged.signatures.length + parts.staged.withdrawn.length === 0 || parts.canaries.size === 0 ? general : overlay(general, parts.staged)
    const ranges = base === before?.base ? before.general.ranges : base === emptyKnowledge ? null : openRanges(store, base)
    const templates = base === before?.base ? before.general.templates : base === emptyKnowledge ? null : openTemplateChecks(store, base)
    const same = plain === parts.shipped && general.length === plain.length && general.every((one, place) => one === plain[place])
    const made = knowledgeFor(general, same ? shippedContent.release : null, ranges, templates, before?.general)
    const tried = canary === general ? made : knowledgeFor(canary, null, ranges, templates, before?.canary)
    const at = new Date(now())
    await store.platform(async (tx) => {
      await storeRelease(tx, made.release, [...made.signatures.values()], at)
      if (tried !== made) await storeStaged(tx, [...tried.signatures.values()].filter((one) => !made.signatures.has(one.id)))
    })
    return {
      current, base, general: made, canary: tried, canaries: parts.canaries, isWhole: parts.isWhole, fingerprints: releaseFingerprints.get(base) ?? null, templates: releaseTemplates.get(base) ?? null,
      rules: { general: rulesOf(made.signatures.values()), canary: rulesOf(tried.signatures.values()) },
    }
  }

  /** The one before, when it judges by the same; else a new one, with a thread of its own. */
  function knowledgeFor(signatures: readonly Signature[], release: string | null, ranges: Ranges | null, templates: TemplateChecks | null, before: Knowledge | undefined): Knowledge {
    const name = release ?? contentOf(rulesOf(signatures))
    if (before?.release !== name) return knowledgeOf(name, signatures, ranges, undefined, templates)
    return before.ranges === ranges ? before : knowledgeOf(name, [...before.signatures.values()], ranges, before.judge, templates)
  }

  async function look(): Promise<void> {
    if (stopped) return
    const before = held
    const next = await make(before)
    if (next.base === before.base && next.general === before.general && next.canary === before.canary && sameSet(next.canaries, before.canaries)) return
    held = next
    if (next.base !== before.base) {
      retire(before.base)
      await store.platform(({ sql }) => sql`select pg_notify(${pointerChannel}, ${next.current?.root ?? ''})`)
      tell(`release ${next.current?.name ?? 'none'} of the KnowledgeBase is in force`)
    }
    for (const listener of listeners) {
      try {
        listener(next)
      } catch (error) {
        onError(error)
      }
    }
  }

  function retire(base: KnowledgeBase): void {
    if (base === emptyKnowledge) return
    retired.add(base)
    const timer = setTimeout(() => {
      timers.delete(timer)
      retired.delete(base)
      base.close().catch(onError)
    }, options.graceMs ?? 60_000).unref()
    timers.add(timer)
  }

  const refresh = (): Promise<void> => (turn = turn.then(look).catch(onError))
  const hear = (): void => void refresh()
  const unlisten = [await store.listen(pointerChannel, hear, hear), await store.listen(ownChecksChannel, hear, hear)]
  const unwatch = folder === null ? () => {} : await follow(folder, hear, options.pollMs ?? 5000)

  return {
    inForce: () => held,
    lineOf: (tenant) => (held.canaries.has(tenant) ? 'canary' : 'general'),
    of: (tenant) => (held.canaries.has(tenant) ? held.canary : held.general),
    ofLine: (line) => held[line],
    base: () => held.base,
    refresh,
    heard: (listener) => void listeners.add(listener),
    async stop() {
      stopped = true
      unwatch()
      for (const timer of timers) clearTimeout(timer)
      await Promise.all(unlisten.map((one) => one()))
      await turn
      await Promise.all([held.base, ...retired].map((base) => base.close()))
    },
  }
}

/** The signatures of each open release, read once. */
const releaseSignatures = new WeakMap<KnowledgeBase, readonly Signature[]>()
const releaseFingerprints = new WeakMap<KnowledgeBase, FingerprintSet | null>()
const releaseTemplates = new WeakMap<KnowledgeBase, TemplatePack | null>()

const keyOf = (current: Current): string => `${current.file} ${current.root}`

/** Both, of each the higher version; the shipped one when they are equal. The very list of the shipped ones when the release adds nothing. */
function newest(shipped: readonly Signature[], release: readonly Signature[]): readonly Signature[] {
  const byId = new Map(shipped.map((one) => [one.id, one]))
  let adds = false
  for (const one of release) {
    if ((byId.get(one.id)?.version ?? 0) >= one.version) continue
    byId.set(one.id, one)
    adds = true
  }
  return adds ? [...byId.values()].sort((a, b) => a.id - b.id) : shipped
}

function sameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item))
}

/** Watches the folder for another pointer; polls too, since not every file system tells. */
async function follow(folder: string, changed: () => void, pollMs: number): Promise<() => void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  let last = JSON.stringify(readCurrent(folder))
  const check = (): void => {
    const found = JSON.stringify(readCurrent(folder))
    if (found === last) return
    last = found
    changed()
  }
  let watcher: FSWatcher | null = null
  try {
    watcher = watch(folder, { persistent: false }, (_, file) => {
      if (file === null || file === 'current.json') check()
    })
    // A folder that cannot be watched any more is polled.
    watcher.on('error', () => watcher?.close())
  } catch {
    watcher = null
  }
  const timer = setInterval(check, pollMs).unref()
  return () => {
    clearInterval(timer)
    watcher?.close()
  }
}
