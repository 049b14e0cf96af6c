import { Link, type LinkProps } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { Fragment } from 'react'
import { t } from '#ui/i18n/text.ts'

export type Crumb = Readonly<{ label: string; link?: LinkProps }>

export function Breadcrumb({ crumbs }: { crumbs: readonly Crumb[] }) {
  return (
    <nav aria-label={t('kit.breadcrumb')}>
      <ol className="flex min-w-0 items-center gap-1 text-xs text-muted">
        {crumbs.map((crumb, index) => (
          <Fragment key={crumb.label}>
            {index > 0 && <li aria-hidden className="shrink-0"><ChevronRight className="size-3 text-faint" /></li>}
            <li className="min-w-0 truncate">
              {crumb.link === undefined ? <span aria-current="page">{crumb.label}</span> : <Link {...crumb.link} className="rounded-xs hover:text-ink hover:underline">{crumb.label}</Link>}
            </li>
          </Fragment>
        ))}
      </ol>
    </nav>
  )
}
