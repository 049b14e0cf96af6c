import { createLink } from '@tanstack/react-router'
import { ExternalLink } from 'lucide-react'
import type { ComponentProps, ReactNode } from 'react'

const look = 'rounded-xs text-accent-ink underline-offset-2 hover:underline'

function Anchor({ children, ...rest }: ComponentProps<'a'>) {
  return <a {...rest} className={look}>{children}</a>
}

function PlainAnchor({ children, ...rest }: ComponentProps<'a'>) {
  return <a {...rest} className="rounded-xs hover:underline">{children}</a>
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
