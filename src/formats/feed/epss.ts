import { fail } from '#core/errors.ts'
import type { FeedRecord } from '#core/knowledge/record.ts'
import type { FeedEntry } from '../archive/feed-input.ts'
import type { FeedReader } from './reader.ts'
import { newest } from './value/choice.ts'
import { dayOf } from './value/feed-run.ts'
import { isCve } from './value/json-value.ts'

const what = 'a list of EPSS scores'
const longestLine = 1000
/** More unreadable rows than this: it is some other file. */
const mostBad = 1000

/** The daily scores of the Exploit Prediction Scoring System, read as a stream. */
export const epss: FeedReader = {
  source: {
    name: 'epss', title: 'Exploit Prediction Scoring System', licence: 'Free use with credit', attribution: 'FIRST EPSS SIG, https://www.first.org/epss',
    homepage: 'https://www.first.org/epss/', upstream: ['https://epss.empiricalsecurity.com/epss_scores-current.csv.gz'],
  },
  recognises: (path) => /(^|\/)epss_scores-[\w-]+\.csv(\.gz)?$/.test(path),
  choose: (paths) => newest(paths, /epss_scores-current\./),
  async *read(input) {
    let found = false
    for await (const entry of input.entries()) {
      if (found || !/\.csv(\.gz)?$/.test(entry.name)) continue
      found = true
      yield* scores(input.name, entry)
    }
    if (!found) fail('feed.format', { path: input.name, what, problem: 'there is no CSV file in it' })
  },
}

async function* scores(path: string, entry: FeedEntry): AsyncGenerator<FeedRecord> {
  let said: string | undefined
  let named = false
  let rows = 0
  let bad = 0
  for await (const line of linesOf(path, entry)) {
    if (line.startsWith('#')) {
      said ??= line
      continue
    }
    if (!named) {
      if (line.trim() !== 'cve,epss,percentile') fail('feed.format', { path, what, problem: 'its first row is not cve,epss,percentile' })
      named = true
      yield headOf(entry.name, said ?? '')
      continue
    }
    const [vulnerability, probability, percentile] = line.split(',')
    const first = Number(probability || NaN)
    const second = Number(percentile || NaN)
    rows += 1
    if (isCve(vulnerability) && first >= 0 && first <= 1 && second >= 0 && second <= 1) yield { record: 'probability', vulnerability, probability: first, percentile: second }
    else {
      bad += 1
      if (bad > mostBad) fail('feed.format', { path, what, problem: `${bad} of its first ${rows} rows are unreadable` })
      yield { record: 'unused', key: line.slice(0, 40), reason: 'bad-row', text: line.slice(0, 200) }
    }
    if (rows % 1000 === 0) yield { record: 'counted', records: 1000 }
  }
  if (!named) fail('feed.format', { path, what, problem: 'it is empty' })
  yield { record: 'counted', records: rows % 1000 }
}

function headOf(name: string, said: string): FeedRecord {
  const day = /score_date:(\d{4}-\d\d-\d\d)/.exec(said)?.[1] ?? dayOf(name)
  const version = /model_version:([\w.-]{1,40})/.exec(said)?.[1]
  return { record: 'head', whole: true, ...(day === undefined ? {} : { snapshot: day }), ...(version === undefined || version === 'unknown' ? {} : { version }) }
}

/** Lines without their ends. A file whose last line has no end was cut off. */
async function* linesOf(path: string, entry: FeedEntry): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  let lines = 0
  for await (const piece of entry.stream()) {
    const parts = (rest + decoder.decode(piece, { stream: true })).split('\n')
    rest = parts.pop()!
    if (rest.length > longestLine) fail('feed.format', { path, what, problem: `line ${lines + parts.length + 1} is too long` })
    lines += parts.length
    for (const part of parts) yield part.endsWith('\r') ? part.slice(0, -1) : part
  }
  if (rest !== '') fail('feed.truncated', { path, place: `line ${lines}` })
}
