import type { Import } from '#knowledge/build/build.ts'
import { contentFolder } from '#platform/kb/content-folder.ts'

/** The signatures that came with this program, and those that were published here: part of every release. `folder`: of the KnowledgeBase. */
export async function ownSignatures(folder: string): Promise<readonly Import[]> {
  return [{ source: 'vigil', paths: [await contentFolder(folder)] }]
}
