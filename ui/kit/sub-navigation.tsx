import { Link, useNavigate, useRouterState, type LinkProps } from '@tanstack/react-router'
import type { LucideIcon } from 'lucide-react'
import { classes } from '#ui/lib/class-names.ts'
import { useNarrow } from '#ui/lib/viewport.ts'
import { Select } from './select.tsx'

export type SubPage = Readonly<{ link: LinkProps & { to: string }; name: string; icon?: LucideIcon }>

/**
 * The pages of a room. Beside them or above them where there is room; on a narrow screen a list to choose from, so that none is
 * out of sight. The longest address that the page begins with is where we are.
 */
export function SubNavigation({ pages, label, side = false }: { pages: readonly SubPage[]; label: string; side?: boolean }) {
  const narrow = useNarrow(side ? 1024 : 900)
  const navigate = useNavigate()
  const path = useRouterState({ select: (state) => state.location.pathname })
  const here = pages
    .filter((page) => path === page.link.to || path.startsWith(`${page.link.to}/`))
    .toSorted((a, b) => b.link.to.length - a.link.to.length)[0]
  if (narrow) {
    return (
      <nav aria-label={label}>
        <Select
          label={label}
          value={here?.link.to ?? pages[0]!.link.to}
          options={pages.map((page) => ({ value: page.link.to, label: page.name, ...(page.icon === undefined ? {} : { icon: <page.icon aria-hidden /> }) }))}
          onChange={(to) => void navigate({ to })}
        />
      </nav>
    )
  }
  return (
    <nav aria-label={label} className={side ? 'w-48 shrink-0' : 'shrink-0 border-b border-line px-4 sm:px-6'} data-print="hide">
      <ul className={side ? 'flex flex-col gap-0.5' : '-mx-2 flex gap-1'}>
        {pages.map((page) => {
          const active = page === here
          return (
            <li key={page.link.to}>
              <Link
                {...page.link}
                activeProps={{}}
                aria-current={active ? 'page' : undefined}
                className={classes(
                  'flex items-center text-sm font-medium whitespace-nowrap transition-colors',
                  side ? 'h-8 gap-2.5 rounded-md px-2.5 hover:bg-hover' : 'relative h-9 gap-1.5 rounded-t-sm px-2 outline-offset-[-2px]!',
                  active ? (side ? 'bg-pressed text-ink' : 'text-ink after:absolute after:inset-x-2 after:bottom-0 after:h-0.5 after:rounded-full after:bg-accent') : 'text-muted hover:text-ink',
                )}
              >
                {side && page.icon !== undefined && <page.icon className="size-4 shrink-0" aria-hidden />}
                {page.name}
              </Link>
            </li>
          )
        })}
      </ul>
    </nav>
  )
}
