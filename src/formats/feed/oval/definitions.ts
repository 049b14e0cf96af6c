import { type Sink, Unusable, each } from '../value/feed-run.ts'
import { timeOf } from '../value/json-value.ts'
import { type Definition, type OvalDocument, readOval } from './document.ts'

/** Gives each definition of a patch or a vulnerability to `put`. Answers how many there are; none is no OVAL of advisories. */
export async function putDefinitions(feed: string, bytes: Uint8Array, sink: Sink, put: (definition: Definition, document: OvalDocument, sink: Sink) => void): Promise<number> {
  const document = await readOval(feed, inPieces(bytes))
  sink.seen(timeOf(document.generated))
  let count = 0
  for (const definition of document.definitions) {
    if (definition.class !== 'patch' && definition.class !== 'vulnerability') continue
    count++
    each(sink, definition.id, () => put(definition, document, sink))
  }
  if (document.dropped > 0) sink.unused(feed, 'too-deep', `${document.dropped} parts`)
  if (count === 0) throw new Unusable('no-definition', `${feed} defines neither a patch nor a vulnerability`)
  return count
}

/** As the XML reader wants it. */
async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const step = 256 * 1024
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step)
}
