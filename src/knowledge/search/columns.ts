import type { DatabaseSync } from 'node:sqlite'

/**
 * What lists of vulnerabilities filter and count by, as typed arrays in the order of the number: 360,000 of them take 15 MB, and any filter is one pass over them. Lists
 * (weaknesses, products) are offsets into one array of places in a dictionary.
 */
export type Columns = Readonly<{
  count: number
  id: Int32Array
  risk: Uint16Array
  severity: Uint8Array
  /** CVSS × 10; 255: none. */
  score: Uint8Array
  /** NaN: none. */
  epss: Float32Array
  /** Minutes since 1970; `noTime`: none. */
  published: Int32Array
  modified: Int32Array
  exploited: Int32Array
  flags: Uint8Array
  detection: Uint8Array
  sources: Uint32Array
  cwe: WordList
  products: WordList
}>
export type WordList = Readonly<{ words: readonly string[]; offsets: Uint32Array; places: Uint32Array }>

export const noTime = -2_147_483_648
export const flagBits = { withdrawn: 1, ransomware: 2, ssvcKnown: 4, ssvcPoc: 8, ssvcActive: 16, exploitPoc: 32, exploitWeaponised: 64, named: 128 } as const

type Row = {
  id: number; title: string; published: string | null; modified: string | null; withdrawn: string | null; severity: number; score: number | null; epss: number | null; exploited_since: string | null
  ransomware: number; ssvc: string | null; exploit: string | null; detection: number; cwe: string; products: string; sources: number; risk: number
}

/** Writes the columns of the table `vulnerability` into the release. */
export function packColumns(db: DatabaseSync): void {
  const count = Number((db.prepare('select count(*) as n from vulnerability').get() as { n: number }).n)
  const columns = {
    id: new Int32Array(count), risk: new Uint16Array(count), severity: new Uint8Array(count), score: new Uint8Array(count), epss: new Float32Array(count), published: new Int32Array(count),
    modified: new Int32Array(count), exploited: new Int32Array(count), flags: new Uint8Array(count), detection: new Uint8Array(count), sources: new Uint32Array(count),
  }
  const lists = { cwe: wordList(count), products: wordList(count) }
  const rows = db.prepare(`select id, title, published, modified, withdrawn, severity, score, epss, exploited_since, ransomware, ssvc, exploit, detection, cwe, products, sources, risk
    from vulnerability order by id`)
  let at = 0
  for (const row of rows.iterate() as Iterable<Row>) {
    columns.id[at] = row.id
    columns.risk[at] = row.risk
    columns.severity[at] = row.severity
    columns.score[at] = row.score === null ? 255 : Math.round(row.score * 10)
    columns.epss[at] = row.epss ?? Number.NaN
    columns.published[at] = minutesOf(row.published)
    columns.modified[at] = minutesOf(row.modified)
    columns.exploited[at] = minutesOf(row.exploited_since)
    columns.flags[at] = flagsOf(row)
    columns.detection[at] = row.detection
    columns.sources[at] = row.sources
    lists.cwe.add(at, row.cwe)
    lists.products.add(at, row.products)
    at++
  }
  db.exec('delete from packed_column')
  const write = db.prepare('insert into packed_column (name, bytes) values (?, ?)')
  for (const [name, array] of Object.entries(columns)) write.run(name, new Uint8Array(array.buffer))
  for (const [name, list] of Object.entries(lists)) {
    const { words, offsets, places } = list.finish()
    write.run(`${name}.words`, Buffer.from(JSON.stringify(words)))
    write.run(`${name}.offsets`, new Uint8Array(offsets.buffer))
    write.run(`${name}.places`, new Uint8Array(places.buffer))
  }
}

export function readColumns(db: DatabaseSync): Columns {
  const read = db.prepare('select bytes from packed_column where name = ?')
  /** A copy of its own: what SQLite gives need not lie on a boundary of four. */
  const bytes = (name: string): ArrayBuffer => new Uint8Array((read.get(name) as { bytes: Uint8Array }).bytes).buffer
  const list = (name: string): WordList => ({
    words: JSON.parse(Buffer.from(bytes(`${name}.words`)).toString('utf8')) as string[], offsets: new Uint32Array(bytes(`${name}.offsets`)), places: new Uint32Array(bytes(`${name}.places`)),
  })
  const id = new Int32Array(bytes('id'))
  return {
    count: id.length, id, risk: new Uint16Array(bytes('risk')), severity: new Uint8Array(bytes('severity')), score: new Uint8Array(bytes('score')), epss: new Float32Array(bytes('epss')),
    published: new Int32Array(bytes('published')), modified: new Int32Array(bytes('modified')), exploited: new Int32Array(bytes('exploited')), flags: new Uint8Array(bytes('flags')),
    detection: new Uint8Array(bytes('detection')), sources: new Uint32Array(bytes('sources')), cwe: list('cwe'), products: list('products'),
  }
}

/** The place of a number in the columns, or where it would be, as `-place - 1`. */
export function placeOf({ id, count }: Columns, number: number): number {
  let [low, high] = [0, count - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const here = id[middle]!
    if (here === number) return middle
    if (here < number) low = middle + 1
    else high = middle - 1
  }
  return -low - 1
}

export function minutesOf(time: string | null): number {
  if (time === null) return noTime
  const parsed = Date.parse(time.length === 10 ? `${time}T00:00:00Z` : /Z$|[+-]\d\d:?\d\d$/.test(time) ? time : `${time}Z`)
  return Number.isNaN(parsed) || parsed < -2_208_988_800_000 || parsed > 32_503_680_000_000 ? noTime : Math.floor(parsed / 60_000)
}

function flagsOf(row: Row): number {
  return (row.withdrawn === null ? 0 : flagBits.withdrawn) | (row.ransomware === 0 ? 0 : flagBits.ransomware) | (row.ssvc === null ? 0 : flagBits.ssvcKnown)
    | (row.ssvc === 'poc' ? flagBits.ssvcPoc : 0) | (row.ssvc === 'active' ? flagBits.ssvcActive : 0) | (row.exploit === 'poc' ? flagBits.exploitPoc : 0)
    | (row.exploit === 'weaponised' ? flagBits.exploitWeaponised : 0) | (row.title === '' ? 0 : flagBits.named)
}

function wordList(count: number) {
  const known = new Map<string, number>()
  const offsets = new Uint32Array(count + 1)
  let places = new Uint32Array(65_536)
  let filled = 0
  return {
    add(at: number, joined: string): void {
      for (const word of joined === '' ? [] : joined.split(',')) {
        let place = known.get(word)
        if (place === undefined) known.set(word, (place = known.size))
        if (filled === places.length) {
          const larger = new Uint32Array(places.length * 2)
          larger.set(places)
          places = larger
        }
        places[filled++] = place
      }
      offsets[at + 1] = filled
    },
    finish: (): WordList => ({ words: [...known.keys()], offsets, places: places.slice(0, filled) }),
  }
}
