import type { Node } from './node.ts'

/** Added to the code of a letter that may stand in either case: what is sought for `(?i)v` is `v` with this on top. */
export const eitherCase = 0x100

/** A text in lower case as one whose letters may stand in either case. */
export function inEitherCase(text: string): string {
  return text.replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + eitherCase))
}

const most = 64
const longest = 48
const shortest = 3

type Group = Readonly<{ kind: 'text'; texts: readonly string[]; isFirst: boolean }>

/** Texts of which one from each group stands in whatever the row matches, groups in the order in which they stand in it. */
export function demandTexts(row: readonly Node[]): readonly Group[] {
  const groups: Group[] = []
  let run: readonly string[] = ['']
  let isFirst = true
  const end = (next: readonly string[], isNextFirst: boolean): void => {
    if (run.every((text) => text.length >= shortest)) groups.push({ kind: 'text', texts: [...new Set(run)], isFirst })
    run = next
    isFirst = isNextFirst
  }
  for (const node of inlined(row)) {
    const known = textsOf(node)
    if (known === null) {
      end([''], false)
      // What is repeated holds what it repeats.
      if (node.kind === 'repeat' && node.least > 0 && node.node.kind !== 'set') {
        run = textsOf(node.node) ?? ['']
        end([''], false)
      }
    } else if (known.length * run.length <= most && longestOf(known) + longestOf(run) <= longest) run = run.flatMap((text) => known.map((more) => text + more))
    else end(longestOf(known) <= longest ? known : [''], false)
  }
  end([''], false)
  return groups
}

/** Groups that have one way are part of their row: so what they hold is joined with what is beside them. */
function inlined(row: readonly Node[]): readonly Node[] {
  return row.flatMap((node) => (node.kind === 'group' && node.ways.length === 1 ? inlined(node.ways[0]!) : [node]))
}

/** All that it can be; null when that is much. */
function textsOf(node: Node): readonly string[] | null {
  if (node.kind === 'byte') return [node.fold ? String.fromCharCode(node.byte.toLowerCase().charCodeAt(0) + eitherCase) : node.byte]
  if (node.kind === 'assert') return ['']
  if (node.kind === 'set') return fewOf(node)
  if (node.kind === 'group') return bounded(node.ways.map((row) => row.reduce<readonly string[] | null>((texts, one) => product(texts, textsOf(one)), [''])))
  const once = textsOf(node.node)
  if (once === null) return null
  if (node.least === 0) return node.most === 1 ? bounded([[''], once]) : null
  if (node.least !== node.most || node.least > longest) return null
  let texts: readonly string[] | null = ['']
  for (let count = 0; count < node.least; count++) texts = product(texts, once)
  return texts
}

function product(texts: readonly string[] | null, more: readonly string[] | null): readonly string[] | null {
  if (texts === null || more === null || texts.length * more.length > most || longestOf(texts) + longestOf(more) > longest) return null
  return texts.flatMap((text) => more.map((one) => text + one))
}

function bounded(all: readonly (readonly string[] | null)[]): readonly string[] | null {
  if (all.some((texts) => texts === null)) return null
  const texts = new Set(all.flatMap((one) => one!))
  return texts.size <= most ? [...texts] : null
}

function fewOf({ set }: Node & { kind: 'set' }): readonly string[] | null {
  if (set.open || set.sequences.length > 0) return null
  const codes = set.ascii.flatMap(([from, to]) => (to - from > 8 ? [0, 0, 0, 0, 0] : Array.from({ length: to - from + 1 }, (_, more) => from + more)))
  if (codes.length === 2 && (codes[0]! ^ codes[1]!) === 0x20 && /[A-Z]/.test(String.fromCharCode(codes[0]!))) return [String.fromCharCode(codes[1]! + eitherCase)]
  return codes.length <= 4 ? codes.map((code) => String.fromCharCode(code)) : null
}

function longestOf(texts: readonly string[]): number {
  return Math.max(...texts.map((text) => text.length))
}
