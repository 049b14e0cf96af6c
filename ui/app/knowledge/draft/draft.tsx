import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { DraftDetail } from '#api/rest/kb/draft-schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { TextLink } from '#ui/kit/link.tsx'
import { Facts, Grid, Page, PageHeader, Row, Section, Stack } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { DateTime } from '#ui/kit/time.tsx'
import { Timeline, type Happening } from '#ui/kit/timeline.tsx'
import { api } from '#ui/lib/api.ts'
import { DraftActions } from './draft-actions.tsx'
import { DraftEditor } from './draft-editor.tsx'
import { DraftRegression } from './draft-regression.tsx'

const route = getRouteApi('/inside/kb/drafts/$id')
const steps = ['draft', 'review', 'approved', 'tested', 'staged', 'published'] as const
const tones: Record<string, Happening['tone']> = { approved: 'good', published: 'good', rejected: 'danger', abandoned: 'danger', submitted: 'accent' }

/** One check on its way: its text and fixtures, who did what, and what the regression says. */
export function DraftPage() {
  const { id } = route.useParams()
  const found = useQuery({ queryKey: ['kb', 'draft', id], queryFn: ({ signal }) => api.get<DraftDetail>(`/kb/drafts/${id}`, {}, signal) })
  const crumbs = [{ label: t('nav.kb'), link: { to: '/kb/vulnerabilities' } }, { label: t('kb.drafts'), link: { to: '/kb/drafts' } }] as const
  if (found.isPending) return <Page><PageHeader crumbs={crumbs} title="…" /><SkeletonRows count={8} /></Page>
  if (found.error !== null && found.data === undefined) return <Page><PageHeader crumbs={crumbs} title={t('kb.drafts')} /><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  const draft = found.data
  const at = steps.indexOf(draft.state as 'draft')
  return (
    <Page>
      <PageHeader crumbs={crumbs} title={draft.title === '' ? t('drafts.untitled') : draft.title} actions={<DraftActions draft={draft} />}>
        <Row gap={3} wrap>
          <Badge tone={draft.intent === 'withdraw' ? 'warn' : 'plain'}>{word('draft_intent', draft.intent)}</Badge>
          <span className="text-sm text-muted">{t('drafts.revision', { n: draft.revision })}</span>
          {draft.state === 'abandoned' && <Badge tone="danger">{word('draft_state', 'abandoned')}</Badge>}
        </Row>
      </PageHeader>
      {at >= 0 && (
        <ol aria-label={t('drafts.steps')} className="flex flex-wrap gap-x-1 gap-y-2 text-xs">
          {steps.map((step, index) => (
            <li key={step} aria-current={index === at ? 'step' : undefined} className={`flex items-center gap-1.5 rounded-full px-2.5 py-1 font-medium ${index === at ? 'bg-accent-soft text-accent-ink' : index < at ? 'text-ink' : 'text-faint'}`}>
              <span className="tabular">{index + 1}</span>{word('draft_state', step)}
            </li>
          ))}
        </ol>
      )}
      <Grid columns="main-side">
        <Stack>
          {draft.problems.length > 0 && (
            <section aria-label={t('drafts.problems')} className="rounded-lg bg-warn-soft px-4 py-3 text-sm">
              <h2 className="mb-1 font-semibold">{t('drafts.problems')}</h2>
              <ul className="flex flex-col gap-1">{draft.problems.map((one) => <li key={`${one.field}-${one.text}`} className="break-words"><span className="font-mono text-xs">{one.field}</span> {one.text}</li>)}</ul>
            </section>
          )}
          <DraftEditor key={`${draft.id}-${draft.revision}`} draft={draft} />
          <DraftRegression regression={draft.regression} stale={draft.regression !== null && draft.regression.revision !== draft.revision} />
        </Stack>
        <Stack>
          <Section title={t('drafts.facts')}>
            <Facts
              items={[
                draft.check > 0 && [t('checks.one'), <TextLink key="check" to="/kb/checks/$id" params={{ id: String(draft.check) }} className="tabular">{draft.check}</TextLink>],
                [t('drafts.author'), draft.writers.length > 0 ? draft.writers.map((one) => one.name).join(', ') : draft.author.name],
                [t('drafts.reviewer'), draft.reviewer?.name ?? '–'],
                draft.release !== null && [t('kb.release'), draft.release],
                [t('checks.changed'), <DateTime key="changed" at={draft.changedAt} />],
              ]}
            />
          </Section>
          <Section title={t('findings.history')}>
            <Timeline items={draft.history.toReversed().map((one, index) => ({ id: String(index), at: one.at, tone: tones[one.act] ?? 'plain', title: <>{word('draft_act', one.act)} <span className="text-muted">{one.who.name}</span></>, detail: one.comment === '' ? t('drafts.revision', { n: one.revision }) : one.comment }))} />
          </Section>
        </Stack>
      </Grid>
    </Page>
  )
}
