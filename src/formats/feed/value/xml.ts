import { SaxesParser } from 'saxes'
import { fail } from '#core/errors.ts'

export type XmlEvents = Readonly<{
  /** Names without prefix. */
  open(name: string, attributes: Readonly<Record<string, string>>): void
  close(name: string): void
  /** Also CDATA; in pieces. */
  text(text: string): void
}>

const deepest = 100
const longestText = 4 * 1024 * 1024

/**
 * Reads XML as a stream. A document type is refused, and with it every entity of the document's own; so are more than 100 levels, a text above 4 MB and
 * more than `most` bytes. Throws `feed.format`, `feed.truncated`, `feed.too_large`.
 */
export async function readXml(path: string, what: string, stream: AsyncIterable<Uint8Array>, events: XmlEvents, most = 256 * 1024 * 1024): Promise<void> {
  const parser = new SaxesParser({ xmlns: false, position: false })
  const decoder = new TextDecoder()
  const refuse = (problem: string): never => fail('feed.format', { path, what, problem })
  let depth = 0
  let size = 0
  let last = 'its beginning'
  let isWhole = false
  const text = (piece: string): void => {
    if (piece.length > longestText) refuse('it holds a text that is too long')
    events.text(piece)
  }
  parser.on('doctype', () => refuse('it has a document type'))
  parser.on('opentag', (tag) => {
    depth += 1
    if (depth > deepest) refuse('it is nested too deeply')
    last = tag.name
    events.open(localName(tag.name), tag.attributes)
  })
  parser.on('closetag', (tag) => {
    depth -= 1
    isWhole = depth === 0
    events.close(localName(tag.name))
  })
  parser.on('text', text)
  parser.on('cdata', text)
  parser.on('error', (error) => {
    if (/unclosed tag/.test(error.message)) fail('feed.truncated', { path, place: last })
    refuse(error.message.slice(0, 200))
  })
  for await (const piece of stream) {
    size += piece.length
    if (size > most) fail('feed.too_large', { path, entry: path, most: `${most} bytes` })
    parser.write(decoder.decode(piece, { stream: true }))
  }
  parser.close()
  if (!isWhole) fail('feed.truncated', { path, place: last })
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
