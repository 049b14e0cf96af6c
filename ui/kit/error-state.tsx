import { CircleAlert, RotateCw } from 'lucide-react'
import { t } from '#ui/i18n/text.ts'
import { describeError, isFinal } from '#ui/lib/problem.ts'
import { Button } from './button.tsx'

/** Says what happened, to what, and what can be done; shown in place of what could not be loaded. */
export function ErrorState({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const told = describeError(error)
  return (
    <div role="alert" className="flex flex-col items-center justify-center gap-3 px-6 py-14 text-center">
      <CircleAlert className="size-6 text-danger" aria-hidden />
      <div className="max-w-md">
        <p className="text-base font-semibold">{told.title}</p>
        <p className="mt-1 text-sm text-muted">{told.detail}</p>
        {told.reference !== undefined && <p className="mt-2 font-mono text-xs text-faint">{told.reference}</p>}
      </div>
      {onRetry !== undefined && !isFinal(error) && <Button onClick={onRetry} icon={<RotateCw aria-hidden />}>{t('kit.try_again')}</Button>}
    </div>
  )
}

/** The same in one line, inside a form or a card. */
export function InlineError({ error }: { error: unknown }) {
  const told = describeError(error)
  return (
    <div role="alert" className="flex items-start gap-2 rounded-md bg-danger-soft px-3 py-2 text-sm text-ink">
      <CircleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-hidden />
      <span className="min-w-0 break-words">
        {told.detail}
        {told.reference !== undefined && <span className="ml-1 font-mono text-xs text-muted">{told.reference}</span>}
      </span>
    </div>
  )
}
