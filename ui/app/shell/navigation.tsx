import { Link } from '@tanstack/react-router'
import { Ellipsis } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { Menu, MenuLink } from '#ui/kit/menu.tsx'
import { KeyHint } from '#ui/kit/key-hint.tsx'
import type { Room } from './rooms.ts'

/** Left of the page on a wide screen. */
export function SideNavigation({ rooms, below }: { rooms: readonly Room[]; below?: ReactNode }) {
  return (
    <nav aria-label={t('nav.main')} className="flex w-52 shrink-0 flex-col gap-4 border-r border-line bg-canvas px-2 py-3 max-md:hidden" data-print="hide">
      <ul className="flex flex-1 flex-col gap-0.5">
        {rooms.map((room) => (
          <li key={room.id} className={room.id === 'settings' ? 'mt-auto' : ''}>
            <Link
              {...room.link}
              activeOptions={{ exact: room.id === 'home', includeSearch: false }}
              className="group flex h-8 items-center gap-2.5 rounded-md px-2.5 text-sm font-medium text-muted transition-colors hover:bg-hover hover:text-ink"
              activeProps={{ className: 'bg-pressed text-ink!' }}
            >
              <room.icon className="size-4 shrink-0" aria-hidden />
              <span className="flex-1">{t(room.name)}</span>
              <span className="opacity-0 transition-opacity group-hover:opacity-100 group-focus-visible:opacity-100"><KeyHint keys={room.keys} /></span>
            </Link>
          </li>
        ))}
      </ul>
      {below}
    </nav>
  )
}

/** Under the thumb on a narrow one: the first four rooms, and the rest behind a menu. */
export function BottomNavigation({ rooms }: { rooms: readonly Room[] }) {
  const first = rooms.slice(0, 4)
  const rest = rooms.slice(4)
  const look = 'flex h-13 flex-1 flex-col items-center justify-center gap-0.5 text-2xs font-medium text-muted'
  return (
    <nav aria-label={t('nav.main')} className="flex shrink-0 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden" data-print="hide">
      {first.map((room) => (
        <Link key={room.id} {...room.link} activeOptions={{ exact: room.id === 'home', includeSearch: false }} className={look} activeProps={{ className: 'text-accent-ink!' }}>
          <room.icon className="size-5" aria-hidden />
          {t(room.name)}
        </Link>
      ))}
      {rest.length > 0 && (
        <Menu
          align="end"
          side="top"
          trigger={
            <button type="button" className={look}>
              <Ellipsis className="size-5" aria-hidden />
              {t('nav.more')}
            </button>
          }
        >
          {rest.map((room) => <MenuLink key={room.id} {...room.link} icon={<room.icon aria-hidden />}>{t(room.name)}</MenuLink>)}
        </Menu>
      )}
    </nav>
  )
}
