import { Menu as Base } from '@base-ui/react/menu'
import { Check } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { Link, type LinkProps } from '@tanstack/react-router'
import { classes } from '#ui/lib/class-names.ts'
import { itemClass } from './select.tsx'
import { KeyHint } from './key-hint.tsx'

export function Menu({ trigger, children, align = 'start', side = 'bottom', label }: {
  trigger: ReactElement<Record<string, unknown>>
  children: ReactNode
  align?: 'start' | 'end' | 'center'
  side?: 'top' | 'bottom' | 'right'
  label?: string
}) {
  return (
    <Base.Root>
      <Base.Trigger render={trigger} aria-label={label} />
      <Base.Portal>
        <Base.Positioner sideOffset={4} align={align} side={side} className="z-50 outline-none">
          <Base.Popup className="popup max-h-(--available-height) min-w-48 overflow-y-auto p-1">{children}</Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

export function MenuItem({ icon, children, hint, onSelect, danger = false, disabled = false, detail }: {
  icon?: ReactNode
  children: ReactNode
  hint?: string
  detail?: ReactNode
  onSelect: () => void
  danger?: boolean
  disabled?: boolean
}) {
  return (
    <Base.Item onClick={onSelect} disabled={disabled} className={classes(itemClass, '[&_svg]:size-4 [&>svg]:text-faint', danger && 'text-danger! [&>svg]:text-danger!')}>
      {icon}
      <span className="flex min-w-0 flex-1 flex-col">
        {children}
        {detail !== undefined && <span className="text-xs text-faint">{detail}</span>}
      </span>
      {hint !== undefined && <KeyHint keys={hint} />}
    </Base.Item>
  )
}

export function MenuLink({ icon, children, ...link }: LinkProps & { icon?: ReactNode; children: ReactNode }) {
  return (
    <Base.LinkItem render={<Link {...link} />} className={classes(itemClass, '[&_svg]:size-4 [&>svg]:text-faint')}>
      {icon}
      <span className="flex-1">{children}</span>
    </Base.LinkItem>
  )
}

export function MenuCheck({ checked, onChange, children }: { checked: boolean; onChange: (checked: boolean) => void; children: ReactNode }) {
  return (
    <Base.CheckboxItem checked={checked} onCheckedChange={(next) => onChange(next)} closeOnClick={false} className={itemClass}>
      <span className="flex size-4 items-center justify-center">
        <Base.CheckboxItemIndicator><Check className="size-3.5 text-accent-ink" aria-hidden /></Base.CheckboxItemIndicator>
      </span>
      {children}
    </Base.CheckboxItem>
  )
}

export function MenuChoice<V extends string>({ value, options, onChange, label }: { value: V; options: readonly Readonly<{ value: V; label: string; icon?: ReactNode }>[]; onChange: (value: V) => void; label: string }) {
  return (
    <Base.RadioGroup value={value} onValueChange={(next) => onChange(next as V)}>
      <Base.GroupLabel className="px-2 pt-1.5 pb-1 text-2xs font-medium text-faint">{label}</Base.GroupLabel>
      {options.map((option) => (
        <Base.RadioItem key={option.value} value={option.value} className={classes(itemClass, '[&>svg]:size-4 [&>svg]:text-faint')}>
          {option.icon}
          <span className="flex-1">{option.label}</span>
          <Base.RadioItemIndicator><Check className="size-3.5 text-accent-ink" aria-hidden /></Base.RadioItemIndicator>
        </Base.RadioItem>
      ))}
    </Base.RadioGroup>
  )
}

export function MenuLine() {
  return <Base.Separator className="my-1 h-px bg-line" />
}

export function MenuGroup({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Base.Group>
      <Base.GroupLabel className="px-2 pt-1.5 pb-1 text-2xs font-medium text-faint">{label}</Base.GroupLabel>
      {children}
    </Base.Group>
  )
}
