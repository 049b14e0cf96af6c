import type { DatabaseSync } from 'node:sqlite'

/**
 * The word that a misspelt one most likely means: the fewest edits away (one up to five letters, two above; swapping two neighbours is one), of those the most frequent.
 * Words with the same first letter are looked at first, then those that share the rest of the beginning. Null when there is none, or the word is known.
 */
export function correct(db: DatabaseSync, word: string): string | null {
  if (word.length < 4 || word.length > 24 || !/^[a-z][a-z0-9]*$/.test(word)) return null
  if (db.prepare('select 1 from vocabulary where word = ?').get(word) !== undefined) return null
  const most = word.length <= 5 ? 1 : 2
  const near = db.prepare('select word, documents from vocabulary where word >= ? and word < ? and length(word) between ? and ?')
  const all = db.prepare('select word, documents from vocabulary where length(word) between ? and ? and substr(word, 2, 2) in (?, ?)')
  type Row = Readonly<{ word: string; documents: number }>
  const bounds = [word.length - most, word.length + most] as const
  let best: (Row & { distance: number }) | null = null
  const consider = (rows: readonly Row[]): void => {
    for (const row of rows) {
      const distance = editDistance(word, row.word, best === null ? most : best.distance)
      if (distance !== null && (best === null || distance < best.distance || (distance === best.distance && row.documents > best.documents))) best = { ...row, distance }
    }
  }
  consider(near.all(word[0]!, `${word[0]!}\u{10ffff}`, ...bounds) as Row[])
  if (best === null) consider(all.all(...bounds, word.slice(1, 3), word.slice(2, 4)) as Row[])
  if (best === null && word[1] !== undefined) consider(near.all(word[1], `${word[1]}\u{10ffff}`, ...bounds) as Row[])
  return (best as Row | null)?.word ?? null
}

/** Damerau's distance with neighbours swapped once; null when it is above `most`. */
export function editDistance(a: string, b: string, most: number): number | null {
  if (Math.abs(a.length - b.length) > most) return null
  let older: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, older[j - 2]! + 1)
      row.push(cost)
      if (cost < least) least = cost
    }
    if (least > most) return null
    older = last
    last = row
  }
  return last[b.length]! <= most ? last[b.length]! : null
}
