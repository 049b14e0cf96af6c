import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Braces, Mail, MailWarning, Rss } from 'lucide-react'
import type { DigestMail, UpdateEntry, Updates, Week, WeekDigest } from '#api/rest/kb/update-schemas.ts'
import { WeekBars } from '#ui/charts/week-bars.tsx'
import { t } from '#ui/i18n/text.ts'
import { buttonClass } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { Page, Row, Section, Stack } from '#ui/kit/page.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { Skeleton, SkeletonRows } from '#ui/kit/skeleton.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import { Tooltip } from '#ui/kit/tooltip.tsx'
import { api, apiUrl } from '#ui/lib/api.ts'
import { formatDate, formatNumber } from '#ui/lib/format.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { sourceName } from './known.tsx'

const route = getRouteApi('/inside/kb-pages/kb/updates')

/** What the KnowledgeBase learned, week by week; the same as a feed for those who want it elsewhere. */
export function UpdatesPage() {
  const { week } = route.useSearch()
  const navigate = route.useNavigate()
  const found = useQuery({ queryKey: ['kb', 'updates'], queryFn: ({ signal }) => api.get<Updates>('/kb/updates', { weeks: 12 }, signal) })
  if (found.error !== null && found.data === undefined) return <Page><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  const weeks = found.data?.weeks ?? []
  const chosen = weeks.find((one) => one.week === week) ?? weeks.find((one) => one.counts.updates > 0) ?? weeks[0]
  return (
    <Page>
      <Section
        title={t('updates.title')}
        detail={found.data?.updatesAWeek == null ? undefined : t('updates.mean', { n: Math.round(found.data.updatesAWeek * 10) / 10 })}
        actions={
          <>
            <DigestByMail />
            <a className={buttonClass('quiet', 'sm')} href={apiUrl('/kb/updates.rss')}><Rss aria-hidden />RSS</a>
            <a className={buttonClass('quiet', 'sm')} href={apiUrl('/kb/updates.json')}><Braces aria-hidden />JSON</a>
          </>
        }
      >
        {found.data === undefined ? <Skeleton height={144} /> : weeks.every((one) => one.counts.updates === 0) ? <EmptyState small title={t('updates.none')}>{t('updates.none_text')}</EmptyState> : (
          <WeekBars
            label={t('updates.title')}
            unit={t('updates.unit')}
            bars={weeks.toReversed().map((one) => ({ id: one.week, short: formatDate(one.from).replace(/ \d{4}$/, ''), value: one.counts.updates }))}
            chosen={chosen?.week}
            onChoose={(id) => void navigate({ search: { week: id }, replace: true })}
          />
        )}
      </Section>
      {chosen !== undefined && weeks.some((one) => one.counts.updates > 0) && <Digest week={chosen} />}
    </Page>
  )
}

/** On or off for whoever looks. Where there is no mail server it says what the operator has to do. */
function DigestByMail() {
  const found = useQuery({ queryKey: ['kb', 'updates', 'mail'], queryFn: ({ signal }) => api.get<DigestMail>('/kb/updates/mail', {}, signal) })
  const change = useAction((subscribed: boolean) => api.put<DigestMail>('/kb/updates/mail', { subscribed }), {
    touches: ['kb'], done: ({ subscribed, to }) => (subscribed ? t('updates.mail_on', { to }) : t('updates.mail_off')),
  })
  if (found.data === undefined) return null
  const { possible, subscribed, to, failure } = found.data
  const hint = failure !== null ? t('updates.mail_failed', { failure }) : !possible ? t('updates.mail_none') : subscribed ? t('updates.mail_to', { to }) : t('updates.mail_hint', { to })
  return (
    <Tooltip text={hint}>
      <button
        type="button" className={buttonClass(subscribed ? 'plain' : 'quiet', 'sm')} aria-pressed={subscribed} aria-disabled={!possible && !subscribed} disabled={change.isPending}
        onClick={() => (possible || subscribed) && change.mutate(!subscribed)}
      >
        {failure === null ? <Mail aria-hidden /> : <MailWarning aria-hidden />}{t('updates.mail')}
      </button>
    </Tooltip>
  )
}

function Digest({ week }: { week: Week }) {
  const found = useQuery({ queryKey: ['kb', 'updates', week.week], queryFn: ({ signal }) => api.get<WeekDigest>(`/kb/updates/${week.week}`, {}, signal) })
  const { counts } = week
  const parts: readonly (readonly [string, number])[] = [
    [t('updates.checks_added'), counts.checksAdded], [t('updates.checks_changed'), counts.checksChanged], [t('updates.checks_withdrawn'), counts.checksWithdrawn],
    [t('updates.vulnerabilities_added'), counts.vulnerabilitiesAdded], [t('updates.vulnerabilities_changed'), counts.vulnerabilitiesChanged], [t('updates.newly_exploited'), counts.newlyExploited],
  ]
  const data = found.data
  return (
    <Stack>
      <Row gap={3} wrap>
        <h2 className="text-base font-semibold">{t('updates.week_from')} <DateTime at={week.from} day /> – <DateTime at={week.to} day /></h2>
        <span className="font-mono text-xs text-faint">{week.week}</span>
      </Row>
      <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-lg border border-line bg-line sm:grid-cols-3 lg:grid-cols-6">
        {parts.map(([name, value]) => (
          <div key={name} className="flex flex-col gap-0.5 bg-surface px-4 py-3">
            <dt className="text-xs text-muted">{name}</dt>
            <dd className="tabular text-lg font-semibold">{formatNumber(value)}</dd>
          </div>
        ))}
      </dl>
      {found.error !== null ? <ErrorState error={found.error} onRetry={() => void found.refetch()} /> : data === undefined ? <SkeletonRows count={6} /> : (
        <>
          <Entries title={t('updates.newly_exploited')} entries={data.exploited} />
          <Entries title={t('updates.notable')} entries={data.notable} />
          <Entries title={t('updates.checks_added')} entries={data.added} />
          <Entries title={t('updates.checks_changed')} entries={data.changed} />
          <Entries title={t('updates.checks_withdrawn')} entries={data.withdrawn} />
          {[data.exploited, data.notable, data.added, data.changed, data.withdrawn].every((list) => list.length === 0) && <Section><EmptyState small title={t('updates.quiet')} /></Section>}
        </>
      )}
    </Stack>
  )
}

function Entries({ title, entries }: { title: string; entries: readonly UpdateEntry[] }) {
  if (entries.length === 0) return null
  return (
    <Section title={title} detail={String(entries.length)} flush>
      <ul>
        {entries.map((entry) => (
          <li key={`${entry.release}-${entry.subject}-${entry.text}`} className="flex items-start gap-3 border-b border-line px-4 py-2.5 text-sm last:border-0 hover:bg-hover">
            <span className="mt-0.5 w-5 shrink-0">{entry.severity !== null && <SeverityMark level={entry.severity} />}</span>
            <div className="min-w-0 flex-1">
              <p className="break-words"><Subject entry={entry} />{entry.title !== entry.subject && ` ${entry.title}`}</p>
              {entry.text !== '' && <p className="text-xs break-words text-muted">{entry.text}</p>}
            </div>
            <span className="shrink-0 text-right text-xs text-faint">{entry.source !== null && <span className="block">{sourceName(entry.source)}</span>}<DateTime at={entry.at} day /></span>
          </li>
        ))}
      </ul>
    </Section>
  )
}

function Subject({ entry }: { entry: UpdateEntry }) {
  const look = 'font-medium'
  if (entry.subject.startsWith('CVE-')) return <NameLink to="/kb/vulnerabilities/$name" params={{ name: entry.subject }} className={look}>{entry.subject}</NameLink>
  if (entry.check !== null) return <NameLink to="/kb/checks/$id" params={{ id: String(entry.check) }} className={look}>{entry.subject}</NameLink>
  return <span className={look}>{entry.subject}</span>
}
