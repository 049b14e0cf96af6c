/**
 * Text of the KnowledgeBase, ours or of a public source, cut into blocks: a small part of Markdown, read without trust. What is not
 * understood stays as it was written.
 */
export type Block =
  | Readonly<{ kind: 'text'; text: string }>
  | Readonly<{ kind: 'heading'; text: string }>
  | Readonly<{ kind: 'code'; text: string }>
  | Readonly<{ kind: 'list'; items: readonly string[] }>
export type Inline = Readonly<{ kind: 'text' | 'code' | 'strong'; text: string }> | Readonly<{ kind: 'link'; text: string; href: string }>

const most = 100_000

export function proseBlocks(text: string): readonly Block[] {
  const lines = text.slice(0, most).replaceAll('\r', '').split('\n')
  const blocks: Block[] = []
  let gathered: string[] = []
  const flush = () => {
    const whole = unwrap(gathered).trim()
    if (whole !== '') blocks.push({ kind: 'text', text: whole })
    gathered = []
  }
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!
    if (/^\s{0,3}(?:```|~~~)/.test(line)) {
      flush()
      const fence = line.trim().slice(0, 3)
      const code: string[] = []
      while (++at < lines.length && !lines[at]!.trim().startsWith(fence)) code.push(lines[at]!)
      if (code.length > 0) blocks.push({ kind: 'code', text: code.join('\n') })
    } else if (/^#{1,6}\s+\S/.test(line)) {
      flush()
      blocks.push({ kind: 'heading', text: line.replace(/^#+\s+/, '').replace(/\s*#+\s*$/, '') })
    } else if (/^\s{0,3}(?:[-*+]|\d{1,3}[.)])\s+\S/.test(line)) {
      flush()
      const items: string[] = []
      for (; at < lines.length; at++) {
        const next = lines[at]!
        const item = /^\s*(?:[-*+]|\d{1,3}[.)])\s+(\S.*)$/.exec(next)
        if (item !== null) items.push(item[1]!)
        else if (/^\s{2,}\S/.test(next) && items.length > 0) items.push(`${items.pop()!} ${next.trim()}`)
        else break
      }
      at--
      blocks.push({ kind: 'list', items })
    } else if (/^(?: {2,}|\t)\S/.test(line)) {
      flush()
      const code: string[] = []
      for (; at < lines.length && (/^(?: {2,}|\t)\S/.test(lines[at]!) || (lines[at]!.trim() === '' && /^(?: {2,}|\t)\S/.test(lines[at + 1] ?? ''))); at++) code.push(lines[at]!)
      at--
      blocks.push({ kind: 'code', text: dedent(code) })
    } else if (line.trim() === '') flush()
    else gathered.push(line)
  }
  flush()
  return blocks
}

/** A long line that stops in the middle of a sentence was only wrapped by its author's editor. */
function unwrap(lines: readonly string[]): string {
  let text = ''
  for (const [index, line] of lines.entries()) {
    const before = lines[index - 1]
    text += before === undefined ? line : (before.length >= 60 && /[^\s.:;!?]$/.test(before) ? ' ' : '\n') + line
  }
  return text
}

function dedent(lines: readonly string[]): string {
  const least = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length))
  return lines.map((line) => line.slice(least)).join('\n')
}

const inline = /`([^`\n]+)`|\*\*([^*\n]{1,300})\*\*|!?\[([^\]\n]{1,300})\]\((https?:\/\/[^\s)]{1,2000})[^)\n]{0,200}\)|<?(https?:\/\/[^\s<>"')\]]{1,2000})>?/g

export function proseInlines(text: string): readonly Inline[] {
  const parts: Inline[] = []
  let from = 0
  const plain = (to: number) => {
    if (to > from) parts.push({ kind: 'text', text: text.slice(from, to) })
  }
  for (const match of text.matchAll(inline)) {
    plain(match.index)
    from = match.index + match[0].length
    const [, code, strong, name, href, bare] = match
    if (code !== undefined) parts.push({ kind: 'code', text: code })
    else if (strong !== undefined) parts.push({ kind: 'strong', text: strong })
    else if (href !== undefined) parts.push({ kind: 'link', text: name!, href })
    else {
      const address = bare!.replace(/[.,;:!?]+$/, '')
      parts.push({ kind: 'link', text: address, href: address })
      if (bare!.length > address.length && !match[0].endsWith('>')) parts.push({ kind: 'text', text: bare!.slice(address.length) })
    }
  }
  plain(text.length)
  return parts
}
