import { useQuery } from '@tanstack/react-query'
import { Info } from 'lucide-react'
import type { Sources } from '#api/rest/kb/vulnerability-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { CopyField } from '#ui/kit/copy-field.tsx'
import { api } from '#ui/lib/api.ts'

export function sourcesOptions() {
  return { queryKey: ['kb', 'sources'], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<Sources>('/kb/sources', {}, signal), staleTime: 60_000 }
}

/** Whether anything but our own checks is known; undefined while nobody can say. Without it, silence about threats means nothing. */
export function usePublicSources(enabled = true): boolean | undefined {
  const found = useQuery({ ...sourcesOptions(), enabled })
  return found.data?.items.some((one) => one.name !== 'vigil' && one.state !== 'never')
}

/** Says that only our own checks are known, and the one command that changes it. */
export function OnlyOwn() {
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-md bg-accent-soft px-3 py-2 text-sm">
      <span className="flex min-w-0 flex-1 basis-72 items-start gap-2"><Info className="mt-0.5 size-4 shrink-0 text-accent-ink" aria-hidden /><span><span className="font-medium">{t('kb.empty')}.</span> {t('kb.only_own')}</span></span>
      <span className="w-56"><CopyField label={t('kb.sync_command')} text="./vigil kb sync" /></span>
    </div>
  )
}
