import type { ComponentProps, ReactNode } from 'react'
import { Link, type LinkProps } from '@tanstack/react-router'
import { classes } from '#ui/lib/class-names.ts'
import { Spinner } from './progress.tsx'
import { Tooltip } from './tooltip.tsx'

export type ButtonLook = 'primary' | 'plain' | 'quiet' | 'danger'
export type ButtonSize = 'sm' | 'md' | 'lg'

const base =
  'inline-flex items-center justify-center gap-1.5 rounded-md font-medium whitespace-nowrap select-none transition-colors ' +
  'disabled:opacity-50 aria-disabled:opacity-50 [&_svg]:shrink-0'
const looks: Record<ButtonLook, string> = {
  primary: 'bg-accent text-on-accent shadow-1 not-disabled:hover:bg-accent-hover',
  plain: 'bg-raised text-ink border border-line-strong shadow-1 not-disabled:hover:bg-hover not-disabled:active:bg-pressed data-popup-open:bg-hover',
  quiet: 'text-muted not-disabled:hover:bg-hover not-disabled:hover:text-ink not-disabled:active:bg-pressed data-popup-open:bg-hover data-popup-open:text-ink',
  danger: 'bg-raised text-danger border border-line-strong shadow-1 not-disabled:hover:bg-danger-soft',
}
const sizes: Record<ButtonSize, string> = {
  sm: 'h-7 px-2 text-xs [&_svg]:size-3.5',
  md: 'h-8 px-3 text-sm [&_svg]:size-4',
  lg: 'h-10 px-4 text-base [&_svg]:size-4',
}

export function buttonClass(look: ButtonLook, size: ButtonSize, square = false): string {
  return classes(base, looks[look], sizes[size], square && (size === 'sm' ? 'w-7 px-0!' : size === 'md' ? 'w-8 px-0!' : 'w-10 px-0!'))
}

type ButtonProps = Omit<ComponentProps<'button'>, 'className'> & {
  look?: ButtonLook
  size?: ButtonSize
  icon?: ReactNode
  /** Shows that the work was begun; a second press does nothing. */
  busy?: boolean
  wide?: boolean
}

export function Button({ look = 'plain', size = 'md', icon, busy = false, wide = false, children, disabled, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      // oxlint-disable-next-line react/button-has-type
      type={type}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      className={classes(buttonClass(look, size), wide && 'w-full')}
    >
      {busy ? <Spinner /> : icon}
      {children}
    </button>
  )
}

type IconButtonProps = Omit<ButtonProps, 'children' | 'icon' | 'wide'> & { label: string; children: ReactNode; hint?: string }

/** A button that is only a picture always carries its name, for the ear and as a tooltip. */
export function IconButton({ look = 'quiet', size = 'md', label, hint, busy = false, children, disabled, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={label} hint={hint}>
      <button {...rest} type="button" aria-label={label} disabled={disabled === true || busy} className={buttonClass(look, size, true)}>
        {busy ? <Spinner /> : children}
      </button>
    </Tooltip>
  )
}

type ButtonLinkProps = LinkProps & { look?: ButtonLook; size?: ButtonSize; icon?: ReactNode; children?: ReactNode; wide?: boolean }

/** What leads somewhere is a link, even where it looks like a button. */
export function ButtonLink({ look = 'plain', size = 'md', icon, children, wide = false, ...link }: ButtonLinkProps) {
  return (
    <Link {...link} className={classes(buttonClass(look, size), wide && 'w-full')}>
      {icon}
      {children}
    </Link>
  )
}
