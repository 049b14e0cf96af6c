import { Link } from '@tanstack/react-router'
import { Check, ChevronsUpDown, LogOut, Monitor, Moon, Search, Sun, UserRound } from 'lucide-react'
import { t, word } from '#ui/i18n/text.ts'
import { IconButton } from '#ui/kit/button.tsx'
import { KeyHint } from '#ui/kit/key-hint.tsx'
import { Menu, MenuChoice, MenuGroup, MenuItem, MenuLine, MenuLink } from '#ui/kit/menu.tsx'
import type { Session } from '#ui/lib/session.ts'
import { setTheme, useShownTheme, useThemeChoice } from '#ui/lib/theme.ts'
import { Logo } from './logo.tsx'

export function TopBar({ session, onSearch, onSwitch, onSignOut }: { session: Session; onSearch: () => void; onSwitch: (id: string) => void; onSignOut: () => void }) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-canvas px-3" data-print="hide">
      <Link to="/" aria-label={t('nav.home')} className="flex size-8 items-center justify-center rounded-md"><Logo /></Link>
      <OrganisationSwitch session={session} onSwitch={onSwitch} />
      <div className="flex min-w-0 flex-1 justify-end sm:justify-center">
        <button
          type="button"
          onClick={onSearch}
          className="flex h-8 items-center gap-2 rounded-md border border-line bg-surface px-2.5 text-sm text-faint shadow-1 transition-colors hover:border-line-strong hover:text-muted max-sm:w-9 max-sm:justify-center sm:w-full sm:max-w-md"
        >
          <Search className="size-4 shrink-0" aria-hidden />
          <span className="flex-1 truncate text-left max-sm:sr-only">{t('nav.search')}</span>
          <span className="max-sm:hidden"><KeyHint keys="mod+k" /></span>
        </button>
      </div>
      <ThemeToggle />
      <UserMenu session={session} onSignOut={onSignOut} />
    </header>
  )
}

function OrganisationSwitch({ session, onSwitch }: { session: Session; onSwitch: (id: string) => void }) {
  const { organisation, organisations } = session
  return (
    <Menu
      trigger={
        <button type="button" className="flex h-8 min-w-0 items-center gap-1.5 rounded-md px-2 text-sm font-semibold select-none hover:bg-hover data-popup-open:bg-hover">
          <span className="max-w-40 truncate sm:max-w-56">{organisation?.name ?? t('nav.no_organisation')}</span>
          <ChevronsUpDown className="size-3.5 shrink-0 text-faint" aria-hidden />
        </button>
      }
    >
      <MenuGroup label={t('nav.organisations')}>
        {organisations.map((one) => (
          <MenuItem key={one.id} onSelect={() => onSwitch(one.id)} detail={word('role', one.role)} icon={<Check className={one.id === organisation?.id ? 'text-accent-ink!' : 'invisible'} aria-hidden />}>
            {one.name}
          </MenuItem>
        ))}
      </MenuGroup>
      <MenuLine />
      <MenuLink to="/settings" icon={<UserRound aria-hidden />}>{t('nav.organisation_settings')}</MenuLink>
    </Menu>
  )
}

function ThemeToggle() {
  const shown = useShownTheme()
  return (
    <IconButton label={shown === 'dark' ? t('nav.to_light') : t('nav.to_dark')} onClick={() => setTheme(shown === 'dark' ? 'light' : 'dark')}>
      {shown === 'dark' ? <Sun aria-hidden /> : <Moon aria-hidden />}
    </IconButton>
  )
}

function UserMenu({ session, onSignOut }: { session: Session; onSignOut: () => void }) {
  const choice = useThemeChoice()
  const { name, email } = session.person
  const initials = name.split(/\s+/).map((part) => part[0]).slice(0, 2).join('').toUpperCase()
  return (
    <Menu
      align="end"
      trigger={
        <button type="button" aria-label={t('nav.account', { name, initials })} className="flex size-8 items-center justify-center rounded-full bg-accent-soft text-2xs font-semibold text-accent-ink select-none hover:outline-2 hover:outline-accent-line">
          {initials === '' ? '?' : initials}
        </button>
      }
    >
      <div className="px-2 pt-1.5 pb-2">
        <p className="text-sm font-medium">{name}</p>
        <p className="text-xs text-muted">{email}</p>
      </div>
      <MenuLine />
      <MenuLink to="/settings/security" icon={<UserRound aria-hidden />}>{t('nav.my_security')}</MenuLink>
      <MenuLine />
      <MenuChoice
        label={t('nav.theme')}
        value={choice}
        onChange={setTheme}
        options={[
          { value: 'system', label: t('theme.system'), icon: <Monitor aria-hidden /> },
          { value: 'light', label: t('theme.light'), icon: <Sun aria-hidden /> },
          { value: 'dark', label: t('theme.dark'), icon: <Moon aria-hidden /> },
        ]}
      />
      <MenuLine />
      <MenuItem icon={<LogOut aria-hidden />} onSelect={onSignOut}>{t('nav.sign_out')}</MenuItem>
    </Menu>
  )
}
