import { fail } from '#core/errors.ts'
import { knowledgeFolder } from '#knowledge/folder.ts'
import { openKnowledge } from '#knowledge/open.ts'
import { digestFeed, digestHtml, digestRss, digestText } from '#platform/kb/digest-text.ts'
import { listWeeks, readWeek, type WeekDigest } from '#platform/kb/digest.ts'
import { options, type Command } from '../command.ts'
import { dataFolder } from '../data-folder.ts'
import { withDatabase } from './database.ts'

const help = `vigil kb digest [--week 2026-W48] [--format text|html|rss|json] [--data DIR]

What the KnowledgeBase learnt in a week (without --week: the last one that is over), to be sent or served: text and html are
the body of a message, rss and json feeds of the last eight weeks. People have it mailed to themselves in the console; for others:

  ./vigil kb digest --format text | mail -s 'KnowledgeBase' team@example.org

Vigil must be running on the data directory.
`

const config = { data: { type: 'string' }, week: { type: 'string' }, format: { type: 'string', default: 'text' } } as const

export const digestCommand: Command = async (argv) => {
  const parsed = options(argv, help, config)
  if (parsed === null) return 0
  const { values, positionals } = parsed
  if (positionals.length > 0 || !['text', 'html', 'rss', 'json'].includes(values.format)) fail('usage', { what: 'vigil kb digest takes --format text, html, rss or json. Try --help.' })
  const data = dataFolder(values.data)
  const base = await openKnowledge(knowledgeFolder(data))
  try {
    return await withDatabase(data, async (store, url) => {
      const { weeks } = await listWeeks(store, base, 8, new Date())
      const one = async (week: string): Promise<WeekDigest> => (await readWeek(store, base, week)) ?? fail('not_found', { what: 'week', id: week })
      if (values.format === 'text') process.stdout.write(digestText(await one(values.week ?? weeks[1]!.week), url))
      else if (values.format === 'html') process.stdout.write(digestHtml(await one(values.week ?? weeks[1]!.week), url))
      else {
        const all = await Promise.all(weeks.filter((week) => week.counts.updates > 0).map((week) => one(week.week)))
        process.stdout.write(values.format === 'rss' ? digestRss(all, url) : `${digestFeed(all, url)}\n`)
      }
      return 0
    })
  } finally {
    await base.close()
  }
}
