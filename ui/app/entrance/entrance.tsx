import type { ReactNode } from 'react'
import { Logo } from '../shell/logo.tsx'

/** The frame of the pages before the session. */
export function Entrance({ title, detail, children, foot }: { title: ReactNode; detail?: ReactNode; children: ReactNode; foot?: ReactNode }) {
  return (
    <main className="flex min-h-dvh flex-col items-center px-4 pt-[10vh] pb-12">
      <div className="flex w-full max-w-sm flex-col gap-6">
        <header className="flex flex-col items-center gap-4 text-center">
          <Logo size={40} />
          <div>
            <h1 className="text-xl font-semibold tracking-tight">{title}</h1>
            {detail !== undefined && <p className="mt-1 text-sm text-balance text-muted">{detail}</p>}
          </div>
        </header>
        <div className="rounded-xl border border-line bg-surface p-6 shadow-1">{children}</div>
        {foot !== undefined && <div className="text-center text-sm text-muted">{foot}</div>}
      </div>
    </main>
  )
}
