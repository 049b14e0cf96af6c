import { Tabs as Base } from '@base-ui/react/tabs'
import { Toggle } from '@base-ui/react/toggle'
import { ToggleGroup } from '@base-ui/react/toggle-group'
import type { ReactNode } from 'react'
import { classes } from '#ui/lib/class-names.ts'
import { formatCompact } from '#ui/lib/format.ts'

export type Tab<V extends string = string> = Readonly<{ value: V; label: string; count?: number | undefined }>

/** Tabs of a page or panel; which one is open lies in the address, so the owner holds it. */
export function Tabs<V extends string>({ value, tabs, onChange, label, children, inset = false, fill = false }: {
  value: V
  tabs: readonly Tab<V>[]
  onChange: (value: V) => void
  label: string
  children: ReactNode
  inset?: boolean
  fill?: boolean
}) {
  return (
    <Base.Root value={value} onValueChange={(next) => onChange(next as V)} className={classes('flex min-w-0 flex-col', fill && 'min-h-0 flex-1')}>
      <Base.List aria-label={label} className={classes('relative flex shrink-0 gap-1 overflow-x-auto border-b border-line [scrollbar-width:none] max-sm:flex-wrap', inset && 'px-3')}>
        {tabs.map((tab) => (
          <Base.Tab
            key={tab.value}
            value={tab.value}
            className="flex h-9 items-center gap-1.5 rounded-t-sm px-2 text-sm font-medium whitespace-nowrap text-muted transition-colors outline-offset-[-2px]! select-none hover:text-ink data-active:text-ink max-sm:data-active:shadow-[inset_0_-2px_0_var(--accent)]"
          >
            {tab.label}
            {tab.count !== undefined && <span className="tabular rounded-full bg-pressed px-1.5 text-2xs leading-4 text-muted">{formatCompact(tab.count)}</span>}
          </Base.Tab>
        ))}
        <Base.Indicator className="absolute bottom-0 left-0 h-0.5 w-(--active-tab-width) translate-x-(--active-tab-left) rounded-full bg-accent transition-[translate,width] duration-200 ease-out max-sm:hidden" />
      </Base.List>
      <Base.Panel value={value} className={classes('min-w-0 -outline-offset-2!', fill && 'flex min-h-0 flex-1 flex-col')}>{children}</Base.Panel>
    </Base.Root>
  )
}

/** Two to five ways of seeing the same thing. */
export function Segmented<V extends string>({ value, options, onChange, label }: { value: V; options: readonly Readonly<{ value: V; label: ReactNode; name?: string }>[]; onChange: (value: V) => void; label: string }) {
  return (
    <ToggleGroup value={[value]} onValueChange={(next) => next[0] !== undefined && onChange(next[0] as V)} aria-label={label} className="inline-flex h-7 shrink-0 items-center self-start rounded-md bg-pressed p-0.5">
      {options.map((option) => (
        <Toggle
          key={option.value}
          value={option.value}
          aria-label={option.name}
          className="inline-flex h-6 items-center gap-1.5 rounded-sm px-2 text-xs font-medium text-muted select-none hover:text-ink data-pressed:bg-raised data-pressed:text-ink data-pressed:shadow-1 [&_svg]:size-3.5"
        >
          {option.label}
        </Toggle>
      ))}
    </ToggleGroup>
  )
}
