import type { SourceName } from '#core/knowledge/record.ts'
import { detectionWords } from '../source-bit.ts'

/** A row of the table `vulnerability` without `changed_in`. */
export type Merged = {
  id: number; name: string; title: string; published: string | null; modified: string | null; withdrawn: string | null; severity: number; cvss: string | null; cvss_version: string | null
  score: number | null; epss: number | null; percentile: number | null; exploited_since: string | null; ransomware: number; ssvc: string | null; exploit: string | null; detection: number
  cwe: string; products: string; sources: number; risk: number
}

export type News = Readonly<{ kind: 'added' | 'changed' | 'withdrawn' | 'exploited' | 'noLongerExploited' | 'score' | 'detection'; text: string; source: SourceName | null }>

/** A jump of the exploit probability by this much is told; it moves a little every day. */
const probabilityStep = 0.2

/** What a reader of the log should know of a change, in full sentences; empty when nothing of that changed. */
export function changesBetween(before: Merged | null, after: Merged): readonly News[] {
  if (before === null) {
    return [{ kind: 'added', text: after.title === '' ? 'First seen.' : after.title, source: null }, ...(after.exploited_since === null ? [] : [exploited(after)])]
  }
  const news: News[] = []
  if (before.withdrawn === null && after.withdrawn !== null) news.push({ kind: 'withdrawn', text: 'Withdrawn by who assigned it.', source: null })
  if (before.exploited_since === null && after.exploited_since !== null) news.push(exploited(after))
  if (before.exploited_since !== null && after.exploited_since === null) news.push({ kind: 'noLongerExploited', text: `No longer listed as exploited; it was since ${before.exploited_since.slice(0, 10)}.`, source: 'kev' })
  if (before.score !== after.score || before.severity !== after.severity) news.push({ kind: 'score', text: `CVSS ${before.score ?? 'none'} → ${after.score ?? 'none'}, severity ${before.severity} → ${after.severity}.`, source: null })
  else if (Math.abs((before.epss ?? 0) - (after.epss ?? 0)) >= probabilityStep) news.push({ kind: 'score', text: `Probability of exploitation ${percent(before.epss)} → ${percent(after.epss)}.`, source: 'epss' })
  const [had, has] = [new Set(detectionWords(before.detection)), detectionWords(after.detection)]
  const more = has.filter((word) => !had.has(word))
  const less = [...had].filter((word) => !has.includes(word))
  if (more.length + less.length > 0) news.push({ kind: 'detection', text: [more.length === 0 ? '' : `Now detected by ${more.join(', ')}.`, less.length === 0 ? '' : `No longer detected by ${less.join(', ')}.`].join(' ').trim(), source: null })
  const fields = (['title', 'cvss', 'cwe', 'products', 'published', 'withdrawn', 'ssvc', 'exploit', 'ransomware'] as const).filter((field) => before[field] !== after[field])
  if (news.length === 0 && fields.length > 0) news.push({ kind: 'changed', text: `Changed: ${fields.join(', ')}.`, source: null })
  else if (news.length === 0 && (before.sources !== after.sources || before.modified !== after.modified)) news.push({ kind: 'changed', text: 'A source says more of it.', source: null })
  return news
}

export function isSame(before: Merged, after: Merged): boolean {
  return (Object.keys(after) as (keyof Merged)[]).every((field) => before[field] === after[field])
}

function exploited(after: Merged): News {
  return { kind: 'exploited', text: `Known to be exploited since ${after.exploited_since?.slice(0, 10)}${after.ransomware === 1 ? ', also by ransomware' : ''}.`, source: 'kev' }
}

function percent(value: number | null): string {
  return value === null ? 'none' : `${(value * 100).toFixed(1)} %`
}
