import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { FilePen, Plus } from 'lucide-react'
import { useState } from 'react'
import type { Draft, DraftPage, DraftState } from '#api/rest/kb/draft-schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Badge, Count } from '#ui/kit/badge.tsx'
import { Button } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Page, Row } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { RelativeTime } from '#ui/kit/time.tsx'
import { api } from '#ui/lib/api.ts'
import { NewDraftDialog } from './new-draft-dialog.tsx'

const route = getRouteApi('/inside/kb-pages/kb/drafts')
const lanes: readonly DraftState[] = ['draft', 'review', 'approved', 'tested', 'staged', 'published']

/** Checks on their way to everybody: written, reviewed by a second person, tested on fixtures, tried, published. */
export function DraftsPage() {
  const { q = '', create = false } = route.useSearch()
  const navigate = route.useNavigate()
  const [text, setText] = useState(q)
  const found = useQuery({ queryKey: ['kb', 'drafts', q], queryFn: ({ signal }) => api.get<DraftPage>('/kb/drafts', { q, limit: 200 }, signal), placeholderData: (before) => before })
  if (found.error !== null && found.data === undefined) return <Page><ErrorState error={found.error} onRetry={() => void found.refetch()} /></Page>
  if (found.data === undefined) return <Page><SkeletonRows count={8} /></Page>
  const { items, me } = found.data
  if (!me.author && !me.reviewer && !me.publisher) return <Page><EmptyState icon={<FilePen />} title={t('drafts.not_yours')}>{t('drafts.not_yours_text')}</EmptyState></Page>
  const abandoned = items.filter((one) => one.state === 'abandoned')
  const create_ = (on: boolean) => void navigate({ search: (before) => ({ ...before, create: on || undefined }), replace: true })
  return (
    <Page>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <div className="w-64"><Input aria-label={t('drafts.find')} placeholder={t('drafts.find')} value={text} onChange={(event) => { setText(event.target.value); void navigate({ search: { q: event.target.value === '' ? undefined : event.target.value }, replace: true }) }} /></div>
        <Row>{me.author && <Button look="primary" icon={<Plus aria-hidden />} onClick={() => create_(true)}>{t('drafts.new')}</Button>}</Row>
      </div>
      {items.length === 0 ? <EmptyState icon={<FilePen />} title={q === '' ? t('drafts.none') : t('kb.none_match')} actions={me.author && q === '' && <Button onClick={() => create_(true)}>{t('drafts.new')}</Button>}>{q === '' ? t('drafts.none_text') : undefined}</EmptyState> : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        <div className="-mx-4 overflow-x-auto px-4 pb-2 sm:-mx-6 sm:px-6" role="region" aria-label={t('drafts.board')} tabIndex={0}>
          <ol className="grid min-w-[72rem] grid-cols-6 gap-3 max-sm:min-w-0 max-sm:grid-cols-1">
            {lanes.map((lane) => {
              const cards = items.filter((one) => one.state === lane)
              return (
                <li key={lane} className="flex min-w-0 flex-col gap-2 rounded-lg bg-sunken p-2 max-sm:empty:hidden">
                  <h2 className="flex h-7 items-center gap-2 px-1 text-sm font-semibold">{word('draft_state', lane)}<Count>{cards.length}</Count></h2>
                  {cards.map((one) => <Card key={one.id} draft={one} />)}
                  {cards.length === 0 && <p className="px-1 pb-2 text-xs text-faint">{t(`drafts.lane_${lane as 'draft'}`)}</p>}
                </li>
              )
            })}
          </ol>
        </div>
      )}
      {abandoned.length > 0 && (
        <details className="text-sm">
          <summary className="w-fit rounded-xs text-muted hover:text-ink">{t('drafts.abandoned', { n: abandoned.length })}</summary>
          <div className="mt-2 grid gap-2 sm:grid-cols-3">{abandoned.map((one) => <Card key={one.id} draft={one} />)}</div>
        </details>
      )}
      <NewDraftDialog open={create} onClose={() => create_(false)} />
    </Page>
  )
}

function Card({ draft }: { draft: Draft }) {
  return (
    <Link to="/kb/drafts/$id" params={{ id: draft.id }} className="flex flex-col gap-1.5 rounded-md border border-line bg-surface p-3 text-sm shadow-1 transition-colors hover:border-line-strong">
      <span className="line-clamp-2 font-medium">{draft.title === '' ? t('drafts.untitled') : draft.title}</span>
      <span className="flex flex-wrap items-center gap-1.5">
        <Badge tone={draft.intent === 'withdraw' ? 'warn' : 'plain'}>{word('draft_intent', draft.intent)}</Badge>
        {draft.check > 0 && <span className="tabular text-xs text-muted">{draft.check}</span>}
        {draft.passed !== null && <Badge tone={draft.passed ? 'good' : 'danger'}>{draft.passed ? t('drafts.passed') : t('drafts.failed')}</Badge>}
      </span>
      <span className="truncate text-xs text-faint">{draft.author.name}{draft.reviewer !== null && ` → ${draft.reviewer.name}`} · <RelativeTime at={draft.changedAt} /></span>
    </Link>
  )
}
