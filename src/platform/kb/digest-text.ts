import type { NewsEntry } from '#knowledge/knowledge-base.ts'
import type { WeekDigest } from './digest.ts'

type Section = Readonly<{ title: string; entries: readonly NewsEntry[] }>

/** How many of each a message shows. */
const shown = 25

export function titleOf({ from, to }: WeekDigest): string {
  return `Vigil KnowledgeBase, ${from} to ${to}`
}

/** One sentence: what the week brought. */
export function summaryOf({ counts }: WeekDigest): string {
  const parts = [
    [counts.checksAdded, 'new check', 'new checks'], [counts.checksChanged, 'changed', 'changed'], [counts.checksWithdrawn, 'withdrawn', 'withdrawn'],
    [counts.vulnerabilitiesAdded, 'new vulnerability', 'new vulnerabilities'], [counts.newlyExploited, 'newly known to be exploited', 'newly known to be exploited'],
  ] as const
  const said = parts.filter(([count]) => count > 0).map(([count, one, many]) => `${count} ${count === 1 ? one : many}`)
  return `${counts.updates} ${counts.updates === 1 ? 'update' : 'updates'}: ${said.length === 0 ? 'nothing new' : said.join(', ')}.`
}

function sectionsOf(week: WeekDigest): readonly Section[] {
  return [
    { title: 'Newly known to be exploited', entries: week.exploited }, { title: 'New checks', entries: week.added }, { title: 'Changed checks', entries: week.changed },
    { title: 'Withdrawn checks', entries: week.withdrawn }, { title: 'New vulnerabilities that matter most', entries: week.notable },
  ].filter(({ entries }) => entries.length > 0)
}

/** As a plain message; lines end in LF. What sources say has lost its control characters. */
export function digestText(week: WeekDigest, origin: string | null): string {
  const lines = [titleOf(week), '', summaryOf(week)]
  for (const { title, entries } of sectionsOf(week)) {
    lines.push('', `${title} (${entries.length})`)
    for (const entry of entries.slice(0, shown)) lines.push(`- ${plain(entry.subject)}: ${plain(entry.title)}${entry.text === '' || entry.text === entry.title ? '' : `\n  ${plain(entry.text)}`}`)
    if (entries.length > shown) lines.push(`  … and ${entries.length - shown} more`)
  }
  if (origin !== null) lines.push('', linkOf(week, origin))
  return `${lines.join('\n')}\n`
}

/** As the body of a message, without a stylesheet that mail programs drop. */
export function digestHtml(week: WeekDigest, origin: string | null): string {
  const sections = sectionsOf(week).map(({ title, entries }) => `<h2>${escapeText(title)} (${entries.length})</h2>\n<ul>\n${
    entries.slice(0, shown).map((entry) => `<li>${subjectOf(entry, origin)}: ${escapeText(entry.title)}${entry.text === '' || entry.text === entry.title ? '' : `<br/>${escapeText(entry.text)}`}</li>`).join('\n')
  }\n</ul>${entries.length > shown ? `\n<p>… and ${entries.length - shown} more</p>` : ''}`)
  const link = origin === null ? '' : `\n<p><a href="${escapeText(linkOf(week, origin))}">All of it</a></p>`
  return `<h1>${escapeText(titleOf(week))}</h1>\n<p>${escapeText(summaryOf(week))}</p>\n${sections.join('\n')}${link}\n`
}

/** RSS 2.0: an item a week, newest first. */
export function digestRss(weeks: readonly WeekDigest[], origin: string): string {
  const items = weeks.map((week) => [
    '<item>', `<title>${escapeText(titleOf(week))}</title>`, `<link>${escapeText(linkOf(week, origin))}</link>`, `<guid isPermaLink="false">${escapeText(guidOf(week, origin))}</guid>`,
    `<pubDate>${new Date(`${week.to}T23:59:59Z`).toUTCString()}</pubDate>`, `<description>${escapeText(digestHtml(week, origin))}</description>`, '</item>',
  ].join('\n'))
  return [
    '<?xml version="1.0" encoding="UTF-8"?>', '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">', '<channel>', '<title>Vigil KnowledgeBase</title>', `<link>${escapeText(`${origin}/kb/updates`)}</link>`,
    '<description>New, changed and withdrawn checks, and what is newly known to be exploited, week by week.</description>', '<language>en</language>',
    `<atom:link href="${escapeText(`${origin}/api/v1/kb/updates.rss`)}" rel="self" type="application/rss+xml"/>`, ...items, '</channel>', '</rss>', '',
  ].join('\n')
}

/** JSON Feed 1.1, an item a week. */
export function digestFeed(weeks: readonly WeekDigest[], origin: string): string {
  return JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1', title: 'Vigil KnowledgeBase', home_page_url: `${origin}/kb/updates`, feed_url: `${origin}/api/v1/kb/updates.json`, language: 'en',
    items: weeks.map((week) => ({
      id: guidOf(week, origin), url: linkOf(week, origin), title: titleOf(week), summary: summaryOf(week), content_html: digestHtml(week, origin), date_published: `${week.to}T23:59:59Z`, _vigil: { week: week.week, counts: week.counts },
    })),
  })
}

const linkOf = ({ week }: WeekDigest, origin: string): string => `${origin}/kb/updates?week=${week}`
const guidOf = ({ week }: WeekDigest, origin: string): string => `${origin}/kb/updates/${week}`

function subjectOf({ check, subject }: NewsEntry, origin: string | null): string {
  return check === null || origin === null ? escapeText(subject) : `<a href="${escapeText(`${origin}/kb/checks/${check}`)}">${escapeText(subject)}</a>`
}

// oxlint-disable-next-line no-control-regex
const unseen = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g

/** XML knows no control characters, escaped or not. */
function escapeText(text: string): string {
  return text.toWellFormed().replace(unseen, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll('\'', '&#39;')
}

function plain(text: string): string {
  return text.toWellFormed().replace(unseen, '').replace(/\s+/g, ' ').trim()
}
