import { Checkbox as Base } from '@base-ui/react/checkbox'
import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import { Switch as BaseSwitch } from '@base-ui/react/switch'
import { Check, Minus } from 'lucide-react'
import type { ReactNode } from 'react'
import { classes } from '#ui/lib/class-names.ts'

const box =
  'flex size-4 shrink-0 items-center justify-center rounded-xs border border-line-strong bg-surface text-on-accent transition-colors ' +
  'hover:border-faint data-checked:border-accent data-checked:bg-accent data-indeterminate:border-accent data-indeterminate:bg-accent data-disabled:opacity-50'

export function CheckboxMark({ checked, indeterminate = false, onChange, label, disabled = false }: {
  checked: boolean
  indeterminate?: boolean
  onChange: (checked: boolean, event: Event) => void
  label: string
  disabled?: boolean
}) {
  return (
    <Base.Root checked={checked} indeterminate={indeterminate} onCheckedChange={(next, details) => onChange(next, details.event)} aria-label={label} disabled={disabled} className={box}>
      <Base.Indicator>{indeterminate ? <Minus className="size-3" strokeWidth={3} aria-hidden /> : <Check className="size-3" strokeWidth={3} aria-hidden />}</Base.Indicator>
    </Base.Root>
  )
}

export function Checkbox({ checked, onChange, label, hint, disabled = false }: {
  checked: boolean
  onChange: (checked: boolean) => void
  label: ReactNode
  hint?: ReactNode
  disabled?: boolean
}) {
  return (
    // The control inside is a button with role checkbox: the label names it and passes clicks on.
    // oxlint-disable-next-line jsx-a11y/label-has-associated-control
    <label className="flex items-start gap-2 text-sm">
      <Base.Root checked={checked} onCheckedChange={(next) => onChange(next)} disabled={disabled} className={classes(box, 'mt-0.5')}>
        <Base.Indicator><Check className="size-3" strokeWidth={3} aria-hidden /></Base.Indicator>
      </Base.Root>
      <span className="flex min-w-0 flex-col">
        <span>{label}</span>
        {hint !== undefined && <span className="text-xs text-muted">{hint}</span>}
      </span>
    </label>
  )
}

export function Switch({ checked, onChange, label, hint, disabled = false, hideLabel = false }: {
  checked: boolean
  onChange: (checked: boolean) => void
  label: ReactNode
  hint?: ReactNode
  disabled?: boolean
  /** In a row that says itself what is switched. */
  hideLabel?: boolean
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/label-has-associated-control
    <label className={classes('flex text-sm', hideLabel ? 'w-fit items-center' : 'items-start justify-between gap-4')}>
      <span className={hideLabel ? 'sr-only' : 'flex min-w-0 flex-col'}>
        <span>{label}</span>
        {hint !== undefined && <span className="text-xs text-muted">{hint}</span>}
      </span>
      <BaseSwitch.Root
        checked={checked}
        onCheckedChange={(next) => onChange(next)}
        disabled={disabled}
        className="flex h-4.5 w-8 shrink-0 items-center rounded-full bg-line-strong p-0.5 transition-colors data-checked:bg-accent data-disabled:opacity-50"
      >
        <BaseSwitch.Thumb className="size-3.5 rounded-full bg-on-accent shadow-1 transition-transform data-checked:translate-x-3.5" />
      </BaseSwitch.Root>
    </label>
  )
}

/** A few choices that deserve a sentence each. */
export function RadioCards<V extends string>({ value, options, onChange, label, columns = 1 }: {
  value: V
  options: readonly Readonly<{ value: V; label: string; detail?: ReactNode; icon?: ReactNode }>[]
  onChange: (value: V) => void
  label: string
  columns?: 1 | 2 | 3
}) {
  return (
    <RadioGroup value={value} onValueChange={(next) => onChange(next as V)} aria-label={label} className={classes('grid gap-2', columns === 2 && 'sm:grid-cols-2', columns === 3 && 'sm:grid-cols-3')}>
      {options.map((option) => (
        // oxlint-disable-next-line jsx-a11y/label-has-associated-control
        <label key={option.value} className="flex items-start gap-2.5 rounded-md border border-line bg-surface p-3 text-sm transition-colors hover:border-line-strong has-data-checked:border-accent has-data-checked:bg-accent-soft">
          <Radio.Root value={option.value} className="mt-0.5 flex size-4 shrink-0 items-center justify-center rounded-full border border-line-strong bg-surface data-checked:border-accent data-checked:bg-accent">
            <Radio.Indicator className="size-1.5 rounded-full bg-on-accent" />
          </Radio.Root>
          <span className="flex min-w-0 flex-col">
            <span className="font-medium">{option.label}</span>
            {option.detail !== undefined && <span className="text-xs text-muted">{option.detail}</span>}
          </span>
        </label>
      ))}
    </RadioGroup>
  )
}
