import { parse, type DefaultTreeAdapterMap } from 'parse5'
import { SaxesParser } from 'saxes'
import { textOf } from '#core/template/bytes.ts'
import type { Markup } from '#core/template/path/tree.ts'

const longest = 2 * 1024 * 1024
const mostNodes = 200_000
const deepest = 400

let last: Readonly<{ bytes: string; markup: Markup | null }> | null = null

/** A body as a tree, by the rules of HTML, or of XML where it says it is that. Null for what is too large or no XML. The last one is kept: several paths look at the same body. */
export function markupOf(bytes: string): Markup | null {
  if (last !== null && last.bytes === bytes) return last.markup
  const markup = bytes.length > longest ? null : bytes.startsWith('<?xml') ? xml(textOf(bytes)) : html(textOf(bytes))
  last = { bytes, markup }
  return markup
}

type HtmlNode = DefaultTreeAdapterMap['node']

function html(text: string): Markup | null {
  let nodes = 0
  const take = (node: HtmlNode, depth: number): Markup | null => {
    if (++nodes > mostNodes || depth > deepest) return null
    if ('value' in node) return { name: '', attributes: {}, children: [], text: node.value }
    if (!('childNodes' in node)) return null
    const attributes = 'attrs' in node ? Object.fromEntries(node.attrs.map(({ name, value }) => [name, value])) : {}
    const children = ('content' in node ? node.content.childNodes : node.childNodes).map((child) => take(child, depth + 1)).filter((child) => child !== null)
    return { name: 'tagName' in node ? node.tagName : '#document', attributes, children, text: '' }
  }
  return take(parse(text), 0)
}

function xml(text: string): Markup | null {
  type Open = { name: string; attributes: Record<string, string>; children: Markup[]; text: string }
  const document: Open = { name: '#document', attributes: {}, children: [], text: '' }
  const open: Open[] = [document]
  let nodes = 0
  let isBroken = false
  const parser = new SaxesParser()
  const add = (node: Markup): void => {
    if (++nodes > mostNodes) isBroken = true
    else open.at(-1)!.children.push(node)
  }
  parser.on('error', () => {
    isBroken = true
  })
  parser.on('opentag', ({ name, attributes }) => {
    const node: Open = { name, attributes: attributes as Record<string, string>, children: [], text: '' }
    add(node)
    if (open.length > deepest) isBroken = true
    open.push(node)
  })
  parser.on('closetag', () => void open.pop())
  const put = (value: string): void => add({ name: '', attributes: {}, children: [], text: value })
  parser.on('text', put)
  parser.on('cdata', put)
  for (let at = 0; at < text.length && !isBroken; at += 65_536) parser.write(text.slice(at, at + 65_536))
  if (!isBroken) parser.close()
  return isBroken ? null : document
}
