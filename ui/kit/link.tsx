import { createLink } from '@tanstack/react-router'
import { ExternalLink } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'
import { classes } from '#ui/lib/class-names.ts'

const look = 'rounded-xs text-accent-ink underline decoration-accent-line underline-offset-3 transition-colors hover:decoration-current'

function Anchor({ children, className, ...rest }: ComponentProps<'a'>) {
  return <a {...rest} className={classes(look, className)}>{children}</a>
}

function PlainAnchor({ children, className, ...rest }: ComponentProps<'a'>) {
  return <a {...rest} className={classes('rounded-xs underline-offset-2 hover:underline', className)}>{children}</a>
}

/** A link inside text. */
export const TextLink = createLink(Anchor)
/** A link that is the name of a thing: looks like the name. */
export const NameLink = createLink(PlainAnchor)

/** Leads out of the console: says so, and tells the other side nothing. */
export function OutsideLink({ href, children }: { href: string; children?: ReactNode }) {
  const safe = /^https?:\/\//i.test(href)
  if (!safe) return <span className="break-all">{children ?? href}</span>
  return (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow" className={`${look} break-all`}>
      {children ?? href}
      <ExternalLink className="mb-0.5 ml-1 inline size-3" aria-hidden />
    </a>
  )
}
