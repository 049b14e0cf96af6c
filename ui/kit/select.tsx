import { Select as Base } from '@base-ui/react/select'
import { Check, ChevronsUpDown } from 'lucide-react'
import type { ReactNode } from 'react'
import { classes } from '#ui/lib/class-names.ts'
import { controlClass } from './input.tsx'

export type Option<V extends string = string> = Readonly<{ value: V; label: string; detail?: string; icon?: ReactNode }>

export function Select<V extends string>({ value, options, onChange, label, disabled = false, compact = false, name }: {
  value: V
  options: readonly Option<V>[]
  onChange: (value: V) => void
  /** Name for the ear; leave out inside a FormField, which has one. */
  label?: string
  disabled?: boolean
  compact?: boolean
  name?: string
}) {
  const chosen = options.find((option) => option.value === value)
  return (
    <Base.Root value={value} onValueChange={(next) => next !== null && onChange(next)} items={options as Option<V>[]} disabled={disabled} name={name}>
      <Base.Trigger
        aria-label={label}
        className={classes(controlClass, 'flex items-center justify-between gap-2 text-left select-none', compact ? 'h-7 w-auto pr-1.5 pl-2 text-xs' : 'h-8 pr-2 pl-2.5 text-sm')}
      >
        <span className="flex min-w-0 items-center gap-2 truncate [&_svg]:size-4">
          {chosen?.icon}
          <Base.Value />
        </span>
        <Base.Icon><ChevronsUpDown className="size-3.5 text-faint" aria-hidden /></Base.Icon>
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className="z-50 outline-none">
          <Base.Popup className="popup max-h-[min(22rem,var(--available-height))] min-w-(--anchor-width) overflow-y-auto p-1">
            <Base.List>
              {options.map((option) => (
                <Base.Item key={option.value} value={option.value} className={itemClass}>
                  <span className="flex size-4 items-center justify-center">
                    <Base.ItemIndicator><Check className="size-3.5 text-accent-ink" aria-hidden /></Base.ItemIndicator>
                  </span>
                  <span className="flex min-w-0 flex-1 flex-col">
                    <Base.ItemText>{option.label}</Base.ItemText>
                    {option.detail !== undefined && <span className="text-xs text-faint">{option.detail}</span>}
                  </span>
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

/** One row of anything that drops down. */
export const itemClass =
  'flex min-h-7 cursor-default items-center gap-2 rounded-sm px-1.5 py-1 text-sm text-ink outline-none select-none ' +
  'data-highlighted:bg-hover data-disabled:opacity-50 [&_svg]:shrink-0'
