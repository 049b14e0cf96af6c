import type { ReactNode } from 'react'

/** Nothing here: why that is, and the next step. */
export function EmptyState({ icon, title, children, actions, small = false }: { icon?: ReactNode; title: ReactNode; children?: ReactNode; actions?: ReactNode; small?: boolean }) {
  return (
    <div className={small ? 'flex flex-col items-center gap-2 px-6 py-8 text-center' : 'flex flex-col items-center gap-3 px-6 py-16 text-center'}>
      {icon !== undefined && <div className="flex size-10 items-center justify-center rounded-lg border border-line bg-surface text-faint shadow-1 [&_svg]:size-5" aria-hidden>{icon}</div>}
      <p className={small ? 'text-sm font-medium' : 'text-base font-semibold'}>{title}</p>
      {children !== undefined && <div className="max-w-md text-sm text-balance text-muted">{children}</div>}
      {actions !== undefined && <div className="mt-1 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  )
}
