import type { Source } from '#core/knowledge/record.ts'
import { readers } from '#formats/feed/readers.ts'

/** Our own signatures are a source like any other. */
const own: Source = { name: 'vigil', title: 'Vigil signatures', licence: 'Apache-2.0', attribution: 'The Vigil authors', homepage: '', upstream: [] }

/** Every source there is a reader for, and our own. It loads all readers: what answers questions takes the copy in the release. */
export function allSources(): readonly Source[] {
  return [own, ...readers.map((reader) => reader.source)]
}
