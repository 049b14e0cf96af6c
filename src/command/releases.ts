import { VigilError } from '#core/errors.ts'
import { build } from '#knowledge/build/build.ts'
import { readCurrent } from '#knowledge/folder.ts'
import { lacksSignatures } from '#knowledge/own-signatures.ts'
import { keepPublished, publishedTexts } from '#platform/kb/content-folder.ts'
import type { KnowledgeHolder } from '#platform/kb/holder.ts'
import { noteRelease, recordReleases, waitingNotes } from '#platform/kb/release-log.ts'
import type { Store } from '#store/store.ts'
import { ownSignatures } from './kb/own-signatures.ts'

export type ReleasesOptions = Readonly<{ store: Store; folder: string; knowledge: KnowledgeHolder; onError: (error: unknown) => void; everyMs?: number }>

/**
 * Puts what was published, and what this program was shipped with, into the next numbered release, and keeps the list of releases. Checks are judged with from the moment they are published; the file, which
 * bundles and other installations get them by, follows here. While another build is at work it is tried again later.
 */
export function startReleases({ store, folder, knowledge, onError, everyMs = 60_000 }: ReleasesOptions): Readonly<{ look(): Promise<void>; stop(): Promise<void> }> {
  let turn: Promise<void> = Promise.resolve()
  let stopped = false

  async function work(): Promise<void> {
    if (stopped) return
    const { notes, published } = await store.platform(async (tx) => ({ notes: await waitingNotes(tx), published: await publishedTexts(tx) }))
    const isNews = await keepPublished(folder, [...published].map((one) => ({ ...one })))
    const mine = await ownSignatures(folder)
    if (isNews || notes.length > 0 || (await lacksSignatures(folder, mine.flatMap((one) => one.paths)))) {
      const { release } = await build(folder, mine)
      // Nothing new in it: what is in force has them, as after a crash between the two.
      const number = (release ?? readCurrent(folder))?.number
      if (number !== undefined) await store.platform((tx) => noteRelease(tx, notes, number))
      await knowledge.refresh()
    }
    await recordReleases(store, folder, knowledge.base())
  }

  const look = (): Promise<void> => (turn = turn.then(work).catch((error: unknown) => {
    if (!(error instanceof VigilError && error.code === 'knowledge.busy')) onError(error)
  }))
  const timer = setInterval(() => void look(), everyMs).unref()
  knowledge.heard(() => void look())
  void look()
  return {
    look,
    async stop() {
      stopped = true
      clearInterval(timer)
      await turn
    },
  }
}
