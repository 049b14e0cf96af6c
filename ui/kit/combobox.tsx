import { Combobox as Base } from '@base-ui/react/combobox'
import { Check, ChevronsUpDown, X } from 'lucide-react'
import { classes } from '#ui/lib/class-names.ts'
import { t } from '#ui/i18n/text.ts'
import { controlClass } from './input.tsx'
import { itemClass, type Option } from './select.tsx'

function Popup() {
  return (
    <Base.Portal>
      <Base.Positioner sideOffset={4} className="z-50 outline-none">
        <Base.Popup className="popup max-h-[min(20rem,var(--available-height))] w-(--anchor-width) min-w-56 overflow-y-auto p-1">
          <Base.Empty><div className="px-2 py-3 text-sm text-faint">{t('kit.nothing_matches')}</div></Base.Empty>
          <Base.List>
            {(option: Option) => (
              <Base.Item key={option.value} value={option} className={itemClass}>
                <span className="flex size-4 items-center justify-center">
                  <Base.ItemIndicator><Check className="size-3.5 text-accent-ink" aria-hidden /></Base.ItemIndicator>
                </span>
                <span className="flex min-w-0 flex-1 flex-col">
                  <span className="truncate">{option.label}</span>
                  {option.detail !== undefined && <span className="truncate text-xs text-faint">{option.detail}</span>}
                </span>
              </Base.Item>
            )}
          </Base.List>
        </Base.Popup>
      </Base.Positioner>
    </Base.Portal>
  )
}

/** Choice of one out of many, found by typing. */
export function Combobox({ value, options, onChange, placeholder, label }: {
  value: string | null
  options: readonly Option[]
  onChange: (value: string | null) => void
  placeholder?: string
  label?: string
}) {
  return (
    <Base.Root items={options as Option[]} value={options.find((option) => option.value === value) ?? null} onValueChange={(next) => onChange(next?.value ?? null)}>
      <Base.InputGroup className="relative">
        <Base.Input placeholder={placeholder} aria-label={label} className={classes(controlClass, 'h-8 pr-8 pl-2.5 text-sm')} />
        <Base.Trigger aria-label={t('kit.open_list')} className="absolute top-0 right-0 flex h-8 w-8 items-center justify-center text-faint">
          <ChevronsUpDown className="size-3.5" aria-hidden />
        </Base.Trigger>
      </Base.InputGroup>
      <Popup />
    </Base.Root>
  )
}

/** Choice of several; what is chosen stands as chips in the field. */
export function MultiCombobox({ values, options, onChange, placeholder, label }: {
  values: readonly string[]
  options: readonly Option[]
  onChange: (values: string[]) => void
  placeholder?: string
  label?: string
}) {
  const chosen = values.map((value) => options.find((option) => option.value === value) ?? { value, label: value })
  return (
    <Base.Root items={options as Option[]} multiple value={chosen} isItemEqualToValue={(a, b) => a.value === b.value} onValueChange={(next) => onChange(next.map((option) => option.value))}>
      <Base.Chips className={classes(controlClass, 'flex min-h-8 flex-wrap items-center gap-1 px-1.5 py-1 focus-within:border-accent focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-accent')}>
        {chosen.map((option) => (
          <Base.Chip key={option.value} aria-label={option.label} className="flex h-5.5 items-center gap-1 rounded-sm bg-pressed pr-0.5 pl-1.5 text-xs data-highlighted:bg-accent-soft">
            {option.label}
            <Base.ChipRemove aria-label={t('kit.remove', { name: option.label })} className="flex size-4 items-center justify-center rounded-xs text-faint hover:text-ink">
              <X className="size-3" aria-hidden />
            </Base.ChipRemove>
          </Base.Chip>
        ))}
        <Base.Input placeholder={chosen.length === 0 ? placeholder : undefined} aria-label={label} className="h-5.5 min-w-20 flex-1 bg-transparent px-1 text-sm outline-none placeholder:text-faint" />
      </Base.Chips>
      <Popup />
    </Base.Root>
  )
}
