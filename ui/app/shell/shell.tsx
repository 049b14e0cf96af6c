import { useNavigate } from '@tanstack/react-router'
import { BookOpen, CalendarPlus, FilePlus2, Moon, Play, Plus } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { useHotkeys } from '#ui/lib/hotkeys.ts'
import { useLiveConnected } from '#ui/lib/live.ts'
import type { Session } from '#ui/lib/session.ts'
import { setTheme } from '#ui/lib/theme.ts'
import { knowledgePages } from '../knowledge/pages.ts'
import { CommandPalette, type Command } from './command-palette.tsx'
import { BottomNavigation, SideNavigation } from './navigation.tsx'
import { rooms, type Room } from './rooms.ts'
import { Shortcuts } from './shortcuts.tsx'
import { TopBar } from './top-bar.tsx'

type ShellProps = {
  session: Session
  children: ReactNode
  onSwitch: (organisation: string) => void
  onSignOut: () => void
  search: (text: string, signal: AbortSignal) => Promise<readonly Command[]>
}

/** The frame around every page: where I am, where I can go, and one key that opens everything. */
export function Shell({ session, children, onSwitch, onSignOut, search }: ShellProps) {
  const navigate = useNavigate()
  const [palette, setPalette] = useState(false)
  const [shortcuts, setShortcuts] = useState(false)
  const mine = rooms.filter((room) => room.needs === undefined || session.actions.includes(room.needs))
  const go = (room: Room) => () => void navigate(room.link as { to: '/' })
  useHotkeys({
    'mod+k': () => setPalette(true),
    '?': () => setShortcuts(true),
    ...Object.fromEntries(mine.map((room) => [room.keys, go(room)])),
  })
  const may = (action: Session['actions'][number]) => session.actions.includes(action)
  const deeds: readonly (Command | false)[] = [
    may('scan.launch') && { id: 'scan', group: t('palette.do'), label: t('scans.start'), icon: <Play aria-hidden />, run: () => void navigate({ to: '/scans/new' }) },
    may('asset.edit') && { id: 'addresses', group: t('palette.do'), label: t('assets.add'), icon: <Plus aria-hidden />, run: () => void navigate({ to: '/assets', search: { add: true } }) },
    may('schedule.edit') && { id: 'schedule', group: t('palette.do'), label: t('schedules.new'), icon: <CalendarPlus aria-hidden />, run: () => void navigate({ to: '/scans', search: { tab: 'schedules', edit: 'new' } }) },
    may('report.create') && { id: 'report', group: t('palette.do'), label: t('reports.new'), icon: <FilePlus2 aria-hidden />, run: () => void navigate({ to: '/reports', search: { create: true } }) },
    { id: 'theme', group: t('palette.do'), label: t('palette.theme'), icon: <Moon aria-hidden />, run: () => setTheme(document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark') },
  ]
  const commands: Command[] = [
    ...mine.map((room): Command => ({ id: room.id, group: t('palette.go'), label: t(room.name), icon: <room.icon aria-hidden />, keys: room.keys, run: go(room) })),
    ...(may('kb.read') ? knowledgePages.filter((page) => page.needs === undefined || may(page.needs)) : []).map((page): Command => ({ id: page.link.to, group: t('palette.go'), label: page.name, detail: t('nav.kb'), icon: <BookOpen aria-hidden />, run: () => void navigate({ to: page.link.to }) })),
    ...deeds.filter((deed): deed is Command => deed !== false),
  ]
  return (
    <div className="flex h-dvh flex-col print:h-auto">
      <a href="#main" className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-sm font-medium text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2">{t('nav.skip')}</a>
      <TopBar session={session} onSearch={() => setPalette(true)} onSwitch={onSwitch} onSignOut={onSignOut} />
      <div className="flex min-h-0 flex-1">
        <SideNavigation rooms={mine} below={<LiveMark />} />
        <main id="main" tabIndex={-1} className="min-h-0 min-w-0 flex-1 outline-none">{children}</main>
      </div>
      <BottomNavigation rooms={mine} />
      <CommandPalette open={palette} onClose={() => setPalette(false)} commands={commands} search={search} />
      <Shortcuts open={shortcuts} onClose={() => setShortcuts(false)} rooms={mine} />
    </div>
  )
}

/** Whether what is shown follows what happens. */
function LiveMark() {
  const live = useLiveConnected()
  return (
    <p className="flex items-center gap-2 px-2.5 text-2xs text-faint" role="status">
      <span aria-hidden className={live ? 'size-1.5 rounded-full bg-good' : 'size-1.5 rounded-full bg-line-strong'} />
      {live ? t('nav.live') : t('nav.not_live')}
    </p>
  )
}
