import { useRouter, type ErrorComponentProps } from '@tanstack/react-router'
import { Compass } from 'lucide-react'
import { t } from '#ui/i18n/text.ts'
import { Button, ButtonLink } from '#ui/kit/button.tsx'
import { EmptyState } from '#ui/kit/empty-state.tsx'
import { ErrorState } from '#ui/kit/error-state.tsx'

export function LostPage() {
  return (
    <EmptyState icon={<Compass />} title={<h1>{t('lost.title')}</h1>} actions={<ButtonLink to="/" look="primary">{t('lost.home')}</ButtonLink>}>
      {t('lost.text')}
    </EmptyState>
  )
}

/** A page that broke says so and can be tried again; the frame around it stays. */
export function FailedPage({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  // After an update the old page asks for files that are gone: only loading anew helps.
  if (error instanceof Error && /dynamically imported module|module script/i.test(error.message)) {
    return <EmptyState title={t('lost.updated')} actions={<Button look="primary" onClick={() => location.reload()}>{t('error.reload')}</Button>}>{t('lost.updated_text')}</EmptyState>
  }
  return <ErrorState error={error} onRetry={() => { reset(); void router.invalidate() }} />
}
