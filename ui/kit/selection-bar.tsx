import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { IconButton } from './button.tsx'

/** What can be done with the rows that are chosen. */
export function SelectionBar({ count, onClear, children }: { count: number; onClear: () => void; children: ReactNode }) {
  if (count === 0) return null
  return (
    <div role="region" aria-label={t('kit.selected', { n: count })} className="popup fixed bottom-6 left-1/2 z-30 flex -translate-x-1/2 items-center gap-2 py-1.5 pr-1.5 pl-3 max-sm:bottom-16">
      <span className="tabular text-sm font-medium whitespace-nowrap">{t('kit.selected', { n: count })}</span>
      <span className="h-4 w-px bg-line" aria-hidden />
      {children}
      <IconButton size="sm" label={t('kit.clear')} hint="esc" onClick={onClear}><X aria-hidden /></IconButton>
    </div>
  )
}
