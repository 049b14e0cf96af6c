import { CircleCheck, CircleSlash } from 'lucide-react'
import { t } from '#ui/i18n/text.ts'

/** Whether this version of Vigil runs a check; if not, why. */
export function Runnable({ check }: { check: Readonly<{ runnable: boolean; why: string | null }> }) {
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-1.5 align-middle">
      {check.runnable ? <CircleCheck className="size-3.5 shrink-0 text-good" aria-hidden /> : <CircleSlash className="size-3.5 shrink-0 text-faint" aria-hidden />}
      <span className={check.runnable ? '' : 'truncate text-muted'} title={check.why ?? undefined}>{check.runnable ? t('kb.runs_yes') : (check.why ?? t('kb.runs_no'))}</span>
    </span>
  )
}
