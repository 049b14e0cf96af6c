import { fail } from '#core/errors.ts'
import { knowledgeFolder, readCurrent, type Current } from '#knowledge/folder.ts'
import type { KnowledgeBase } from '#knowledge/knowledge-base.ts'
import { openRelease } from '#knowledge/open.ts'
import { dataFolder } from '../data-folder.ts'

/** The release in force in a data directory, for one command. */
export function currentOf(data: string | undefined): Readonly<{ folder: string; current: Current }> {
  const folder = knowledgeFolder(dataFolder(data))
  return { folder, current: readCurrent(folder) ?? fail('knowledge.none', { folder }) }
}

export async function withKnowledge<T>(data: string | undefined, work: (knowledge: KnowledgeBase) => Promise<T>): Promise<T> {
  const { folder, current } = currentOf(data)
  const knowledge = openRelease(folder, current)
  try {
    return await work(knowledge)
  } finally {
    await knowledge.close()
  }
}
