import type { ReactNode } from 'react'
import { classes } from '#ui/lib/class-names.ts'
import { Breadcrumb, type Crumb } from './breadcrumb.tsx'

/** `fixed`: as tall as the window, its list scrolls; `flow`: the page scrolls; `narrow`: text and forms. */
export function Page({ children, kind = 'flow' }: { children: ReactNode; kind?: 'fixed' | 'flow' | 'narrow' }) {
  if (kind === 'fixed') return <div className="flex h-full min-h-0 flex-col">{children}</div>
  return (
    <div className="h-full overflow-y-auto print:overflow-visible" data-scroll>
      <div className={classes('mx-auto flex flex-col gap-6 px-4 pt-4 pb-16 sm:px-6', kind === 'narrow' ? 'max-w-3xl' : 'max-w-[90rem]')}>{children}</div>
    </div>
  )
}

/** Name of the page, what it is about, and what can be done here. */
export function PageHeader({ title, detail, crumbs, actions, mark, inset = false, children }: {
  title: ReactNode
  detail?: ReactNode
  crumbs?: readonly Crumb[]
  actions?: ReactNode
  mark?: ReactNode
  /** In a fixed page the header brings its own margins. */
  inset?: boolean
  children?: ReactNode
}) {
  return (
    <header className={classes('flex shrink-0 flex-col gap-1', inset && 'px-4 pt-4 pb-3 sm:px-6')}>
      {crumbs !== undefined && <Breadcrumb crumbs={crumbs} />}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <div className="flex min-w-0 flex-[1_1_15rem] flex-wrap items-center gap-x-2.5">
          {mark}
          <h1 className="min-w-0 text-xl font-semibold tracking-tight break-words">{title}</h1>
          {detail !== undefined && <span className="tabular shrink-0 self-center text-sm text-muted">{detail}</span>}
        </div>
        {actions !== undefined && <div className="flex shrink-0 flex-wrap items-center gap-2" data-print="hide">{actions}</div>}
      </div>
      {children}
    </header>
  )
}

/** A titled part of a page on a surface of its own. */
export function Section({ title, detail, actions, children, flush = false, id }: { title?: ReactNode; detail?: ReactNode; actions?: ReactNode; children: ReactNode; flush?: boolean; id?: string }) {
  return (
    <section id={id} className="flex min-w-0 flex-col overflow-hidden rounded-lg border border-line bg-surface print:break-inside-avoid">
      {title !== undefined && (
        <div className="flex min-h-11 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2">
          <h2 className="text-sm font-semibold">{title}</h2>
          {detail !== undefined && <span className="min-w-0 text-xs text-muted">{detail}</span>}
          {actions !== undefined && <div className="ml-auto flex max-w-full flex-wrap items-center justify-end gap-2">{actions}</div>}
        </div>
      )}
      <div className={classes('min-w-0', !flush && 'p-4')}>{children}</div>
    </section>
  )
}

/** Things side by side where there is room for it. */
export function Grid({ children, columns }: { children: ReactNode; columns: 2 | 3 | 4 | 'main-side' | 'half' }) {
  return (
    <div
      className={classes(
        'grid min-w-0 gap-4 [&>*]:min-w-0',
        columns === 2 && 'sm:grid-cols-2',
        columns === 3 && 'sm:grid-cols-2 lg:grid-cols-3',
        columns === 4 && 'grid-cols-2 gap-3 lg:grid-cols-4',
        columns === 'half' && 'items-start lg:grid-cols-2',
        columns === 'main-side' && 'items-start lg:grid-cols-[minmax(0,1fr)_minmax(18rem,22rem)]',
      )}
    >
      {children}
    </div>
  )
}

export function Stack({ children, gap = 4 }: { children: ReactNode; gap?: 1 | 2 | 3 | 4 | 6 }) {
  const gaps = { 1: 'gap-1', 2: 'gap-2', 3: 'gap-3', 4: 'gap-4', 6: 'gap-6' }
  return <div className={classes('flex min-w-0 flex-col', gaps[gap])}>{children}</div>
}

export function Row({ children, gap = 2, wrap = false, between = false }: { children: ReactNode; gap?: 1 | 2 | 3 | 4; wrap?: boolean; between?: boolean }) {
  const gaps = { 1: 'gap-1', 2: 'gap-2', 3: 'gap-3', 4: 'gap-4' }
  return <div className={classes('flex min-w-0 items-center', gaps[gap], wrap && 'flex-wrap', between && 'justify-between')}>{children}</div>
}

/** Names and values. */
export function Facts({ items, columns = 1 }: { items: readonly (readonly [label: ReactNode, value: ReactNode] | null | false)[]; columns?: 1 | 2 }) {
  return (
    <dl className={classes('grid gap-x-4 gap-y-1.5 text-sm', columns === 2 ? 'grid-cols-[minmax(6rem,auto)_1fr] md:grid-cols-[minmax(6rem,auto)_1fr_minmax(6rem,auto)_1fr]' : 'grid-cols-[minmax(6rem,max-content)_minmax(0,1fr)]')}>
      {items.map((item, index) => item !== null && item !== false && (
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className="contents">
          <dt className="text-muted">{item[0]}</dt>
          <dd className="min-w-0 break-words">{item[1]}</dd>
        </div>
      ))}
    </dl>
  )
}

export function Faint({ children }: { children: ReactNode }) {
  return <span className="text-faint">{children}</span>
}

export function Mono({ children }: { children: ReactNode }) {
  return <span className="font-mono text-xs">{children}</span>
}
