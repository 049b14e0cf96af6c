import type { Sought } from '../../src/engine/template/match/sweep.ts'
import { wordOf } from './patterns.ts'

const pieces = [
  (word: string) => `<div class="${word} row"><a href="/${word}/index.php?id=${word.length}">${word} and more</a></div>\n`, (word: string) => `<li data-name='${word}'><span>${word.toUpperCase()}</span></li>\n`,
  (word: string) => `<script src="/static/${word}.min.js"></script>\n`, (word: string) => `<p>The quick brown fox of ${word} jumps over 17 lazy dogs, version 2.4.1, at 10:30.</p>\n`,
  (word: string) => `{"${word}":{"id":4711,"name":"${word}","enabled":true}},\n`,
]

/** Pages of about `size` bytes in which some words of the list stand, and texts that some patterns match, where such a text can be told from the pattern. */
export function bodiesThatHit(list: readonly Sought[], count: number, size: number): readonly string[] {
  const samples = list.map(sampleOf)
  const usable = [...samples.keys()].filter((place) => samples[place] !== null)
  return Array.from({ length: count }, (_, body) => {
    let text = '<!DOCTYPE html>\n<html><head><title>A page</title></head><body>\n'
    for (let at = 0; text.length < size; at++) {
      text += pieces[at % pieces.length]!(wordOf((body * 7919 + at * 104_729) % 1_000_003))
      // About one in forty lines is a hit: a dozen or so on a page.
      if (at % 40 === 7) text += `${samples[usable[(body * 613 + at * 37) % usable.length]!]!}\n`
    }
    return text
  })
}

/** A text that is sure to be found: the word, or a text that the pattern is tried with. */
function sampleOf(one: Sought): string | null {
  if ('word' in one) return one.word
  const plain = one.pattern.original.replace(/^\(\?[a-z]+\)/, '').replace(/\(\?:|\(\?P<\w+>/g, '(').replace(/\\d[+*]?|\[0-9\.?\][+*]|\(\[0-9\.?\]\+\)|\(\[\\d\.\]\+\)/g, '7').replace(/\.[*+]\??/g, 'x').replace(/\\s[*+]?/g, ' ').replace(/\\([./"'\-_:=<>{}()[\]?])/g, '$1')
    .replace(/\[a-f0-9\]\{32\}/, '0123456789abcdef0123456789abcdef').replace(/[()?]/g, '')
  return plain.length < 300 && new RegExp(one.pattern.source, one.pattern.flags).test(plain) ? plain : null
}
