import type { Node } from './node.ts'

const most = 64
const longestText = 48
const shortest = 3

/** `exact`: all that it can be, in lower case, or null; `best`: texts of which one stands in whatever matches, or null. */
type Known = Readonly<{ exact: readonly string[] | null; best: readonly string[] | null }>

/** Texts in lower case (ASCII) of which one stands in whatever the pattern matches; empty when nothing of three letters is sure. */
export function needsOf(ways: readonly (readonly Node[])[]): readonly string[] {
  const { exact, best } = waysKnown(ways)
  return better(usable(exact), best) ?? []
}

function waysKnown(ways: readonly (readonly Node[])[]): Known {
  const all = ways.map(rowKnown)
  return { exact: union(all.map(({ exact }) => exact)), best: union(all.map(({ exact, best }) => better(usable(exact), best))) }
}

function rowKnown(row: readonly Node[]): Known {
  let best: readonly string[] | null = null
  let run: readonly string[] = ['']
  let isExact = true
  for (const node of row) {
    const known = nodeKnown(node)
    if (known.exact !== null && known.exact.length * run.length <= most && known.exact.length > 0) {
      const next = run.flatMap((text) => known.exact!.map((more) => text + more))
      if (next.every((text) => text.length <= longestText)) {
        run = next
        continue
      }
    }
    isExact = false
    best = better(better(best, usable(run)), better(known.best, usable(known.exact)))
    run = known.exact !== null && known.exact.length <= most && known.exact.every((text) => text.length <= longestText) ? known.exact : ['']
  }
  return { exact: isExact ? run : null, best: better(best, isExact ? null : usable(run)) }
}

function nodeKnown(node: Node): Known {
  if (node.kind === 'byte') return { exact: [lower(node.byte)], best: null }
  if (node.kind === 'assert') return { exact: [''], best: null }
  if (node.kind === 'set') return { exact: fewOf(node), best: null }
  if (node.kind === 'group') return waysKnown(node.ways)
  const inner = nodeKnown(node.node)
  if (node.least === 0) return { exact: node.most === 1 && inner.exact !== null && inner.exact.length < most ? [...new Set(['', ...inner.exact])] : null, best: null }
  if (node.least === node.most && inner.exact?.length === 1 && inner.exact[0]!.length * node.least <= longestText) return { exact: [inner.exact[0]!.repeat(node.least)], best: null }
  return { exact: null, best: better(usable(inner.exact), inner.best) }
}

function fewOf({ set }: Node & { kind: 'set' }): readonly string[] | null {
  if (set.open || set.sequences.length > 0) return null
  const letters = new Set<string>()
  for (const [from, to] of set.ascii) {
    if (to - from > 8) return null
    for (let code = from; code <= to; code++) letters.add(lower(String.fromCharCode(code)))
  }
  return letters.size <= 4 ? [...letters] : null
}

function union(all: readonly (readonly string[] | null)[]): readonly string[] | null {
  if (all.some((one) => one === null)) return null
  const texts = new Set(all.flatMap((one) => one!))
  return texts.size <= most ? [...texts] : null
}

function usable(texts: readonly string[] | null): readonly string[] | null {
  return texts !== null && texts.length > 0 && texts.every((text) => text.length >= shortest) ? [...new Set(texts)] : null
}

/** The one whose likeliest text is less likely on a page; of equals the one with fewer. */
function better(one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null {
  if (one === null || other === null) return one ?? other
  return scoreOf(other) > scoreOf(one) ? other : one
}

function scoreOf(texts: readonly string[]): number {
  return Math.min(...texts.map((text) => (usual.some((word) => word.includes(text)) ? 1 : Math.min(12, text.length)))) - Math.log2(texts.length) / 2
}

/** What stands on nearly every page tells nothing. */
const usual: readonly string[] = [
  '<div class="', '<span class="', ' class=\'', '<a href="', ' href=\'', '<script src="', '</script>', '<script type="text/javascript"', 'src=\'', 'https://', 'http://', 'version', '<title>', '</title>', '<link rel="stylesheet"', '<meta name="', ' content="', ' value="',
  '<input type="', ' name="', ' id="', '.html', '.css', '.min.js"', 'button', 'style="', 'key', 'token', 'pass', 'link', 'url', 'path', 'file', 'image', 'error', 'server', 'user', 'admin', 'login', 'password', '<body', '<html', '</html>', 'name', 'type', 'text', 'index', 'data', '</div>', 'bin', 'www.',
]

/** Bytes beyond ASCII are parts of letters, and have no case. */
function lower(byte: string): string {
  return byte >= 'A' && byte <= 'Z' ? byte.toLowerCase() : byte
}
