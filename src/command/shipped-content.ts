import { fileURLToPath } from 'node:url'
import { loadContent, type Content } from '#formats/content.ts'

const folder = fileURLToPath(new URL('../../content', import.meta.url))
/** Beside the packages, where only who installs can write, as compiled code is (bin/vigil.js): reading the files anew takes longer than the rest of a start. */
const cache = fileURLToPath(new URL('../../node_modules/.cache/vigil', import.meta.url))

/** The signatures that came with the program. */
export function shippedContent(): Promise<Content> {
  return loadContent(folder, cache)
}
