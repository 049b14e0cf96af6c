import { useQuery } from '@tanstack/react-query'
import { CircleCheck, PackageCheck, Wrench } from 'lucide-react'
import { useState } from 'react'
import type { FixPlan } from '#api/rest/dashboard/fix-plan-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { Section } from '#ui/kit/page.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { api } from '#ui/lib/api.ts'
import { formatNumber, formatPercent } from '#ui/lib/format.ts'
import { ExploitedBadge } from '../knowledge/known.tsx'

const few = 6

/** “Fix these and risk falls by”: in the order that takes most risk soonest, each step with what is left after it. */
export function FixPlanSection({ tested }: { tested: Readonly<{ n: number; total: number }> | null }) {
  const [all, setAll] = useState(false)
  const found = useQuery({ queryKey: ['dashboard', 'fix-plan'], queryFn: ({ signal }) => api.get<FixPlan>('/dashboard/fix-plan', { steps: 20 }, signal), staleTime: 60_000 })
  const plan = found.data
  const shown = plan === undefined ? [] : all ? plan.steps : plan.steps.slice(0, few)
  const after = shown.at(-1)?.after ?? plan?.risk ?? 0
  const fall = plan === undefined || plan.risk === 0 ? 0 : (plan.risk - after) / plan.risk
  return (
    <Section title={t('home.fix_first')} detail={plan === undefined || shown.length === 0 ? t('home.fix_first_detail') : t('plan.line', { n: shown.length, share: formatPercent(fall, 1) })} flush>
      {found.error !== null && plan === undefined ? <ErrorState error={found.error} onRetry={() => void found.refetch()} /> : plan === undefined ? <SkeletonRows count={6} height={56} /> : plan.steps.length === 0
        ? <EmptyState small icon={<CircleCheck />} title={t('home.nothing_to_fix')}>{tested === null ? undefined : t('home.nothing_to_fix_text', tested)}</EmptyState>
        : (
          <>
            <PlanBar plan={plan} after={after} />
            <ol className="flex flex-col">{shown.map((step, index) => <Step key={`${step.kind}-${step.title}`} step={step} number={index + 1} plan={plan} />)}</ol>
            {(plan.steps.length > few || plan.more > 0) && (
              <div className="flex items-center gap-3 border-t border-line px-4 py-2.5 text-xs text-muted">
                {plan.steps.length > few && <Button size="sm" onClick={() => setAll(!all)}>{all ? t('plan.fewer') : t('plan.all', { n: plan.steps.length })}</Button>}
                {plan.more > 0 && <span>{t('plan.more', { n: plan.more })}</span>}
              </div>
            )}
          </>
        )}
    </Section>
  )
}

/** Risk before and after, as one line: what is taken away is hatched by being light, what stays is full. */
function PlanBar({ plan, after }: { plan: FixPlan; after: number }) {
  const left = plan.risk === 0 ? 0 : (after / plan.risk) * 100
  return (
    <div className="flex flex-col gap-1.5 border-b border-line px-4 py-3">
      <div className="h-2 w-full overflow-hidden rounded-full bg-accent-soft" role="img" aria-label={t('plan.bar', { before: Math.round(plan.risk), after: Math.round(after) })}>
        <span className="block h-full rounded-full bg-accent" style={{ width: `${left}%` }} />
      </div>
      <p className="tabular flex justify-between text-xs text-muted"><span>{t('plan.after', { risk: Math.round(after) })}</span><span>{t('plan.now', { risk: Math.round(plan.risk), hosts: plan.hosts })}</span></p>
    </div>
  )
}

function Step({ step, number, plan }: { step: FixPlan['steps'][number]; number: number; plan: FixPlan }) {
  const worst = step.checks[0]
  const width = (points: number): string => `${plan.risk === 0 ? 0 : (points / plan.risk) * 100}%`
  return (
    <li className="flex min-h-14 items-center gap-3 border-b border-line px-4 py-2 text-sm last:border-0 hover:bg-hover">
      <span className="tabular w-4 shrink-0 text-right text-xs font-semibold text-faint">{number}</span>
      {worst !== undefined && <SeverityMark level={worst.severity} />}
      <div className="min-w-0 flex-1">
        <p className="flex min-w-0 items-center gap-x-2 gap-y-0.5 max-sm:flex-wrap">
          {step.kind === 'package' ? <PackageCheck className="size-3.5 shrink-0 text-faint max-sm:hidden" aria-hidden /> : <Wrench className="size-3.5 shrink-0 text-faint max-sm:hidden" aria-hidden />}
          <NameLink to="/findings" search={{ q: step.q }} className="line-clamp-2 font-medium sm:line-clamp-1">{step.kind === 'package' ? t('plan.upgrade', { name: step.title }) : step.title}</NameLink>
          {step.checks.some((check) => check.exploited) && <span className="shrink-0"><ExploitedBadge /></span>}
        </p>
        <p className="line-clamp-1 text-xs text-muted"><span className="tabular whitespace-nowrap">{t('home.fix_line', { findings: step.findings, hosts: step.hosts })}</span>{step.kind === 'package' && step.solution !== '' && ` · ${step.solution}`}</p>
      </div>
      <div className="flex w-20 shrink-0 flex-col items-end gap-1 sm:w-24">
        <span className="tabular text-xs font-medium">{step.share > 0 && step.share < 0.001 ? t('home.relief', { share: '<0.1%' }) : t('home.relief', { share: formatPercent(step.share, 1) })}</span>
        <span aria-hidden className="relative h-1 w-full overflow-hidden rounded-full bg-pressed" title={`${formatNumber(Math.round(step.before))} → ${formatNumber(Math.round(step.after))}`}>
          <span className="absolute inset-y-0 left-0 bg-accent-line" style={{ width: width(step.before) }} />
          <span className="absolute inset-y-0 left-0 bg-accent" style={{ width: width(step.after) }} />
        </span>
      </div>
    </li>
  )
}
