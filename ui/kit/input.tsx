import type { ComponentProps, ReactNode } from 'react'
import { Field } from '@base-ui/react/field'
import { classes } from '#ui/lib/class-names.ts'

export const controlClass =
  'w-full rounded-md border border-line-strong bg-surface text-ink shadow-1 placeholder:text-faint transition-colors ' +
  'hover:border-faint/60 focus:border-accent focus:outline-2 focus:-outline-offset-1 focus:outline-accent ' +
  'disabled:opacity-55 data-invalid:border-danger data-invalid:focus:outline-danger pointer-coarse:text-lg'

type InputProps = Omit<ComponentProps<'input'>, 'className' | 'size' | 'prefix'> & { mono?: boolean; size?: 'md' | 'lg'; before?: ReactNode; after?: ReactNode }

/** One line of text. Inside a FormField it takes its label, hint and error from there. */
export function Input({ mono = false, size = 'md', before, after, ...rest }: InputProps) {
  const control = (
    <Field.Control
      {...rest}
      className={classes(controlClass, size === 'md' ? 'h-8 px-2.5 text-sm' : 'h-10 px-3 text-base', mono && 'font-mono text-xs', before !== undefined && 'pl-8', after !== undefined && 'pr-9')}
    />
  )
  if (before === undefined && after === undefined) return control
  return (
    <span className="relative flex w-full items-center">
      {before !== undefined && <span className="pointer-events-none absolute left-2.5 text-faint [&_svg]:size-4">{before}</span>}
      {control}
      {after !== undefined && <span className="absolute right-1 flex items-center text-faint">{after}</span>}
    </span>
  )
}

type TextAreaProps = Omit<ComponentProps<'textarea'>, 'className'> & { mono?: boolean }

export function TextArea({ mono = false, rows = 4, ...rest }: TextAreaProps) {
  return (
    <Field.Control
      render={<textarea rows={rows} {...rest} />}
      className={classes(controlClass, 'block resize-y px-2.5 py-1.5', mono ? 'font-mono text-xs leading-5' : 'text-sm')}
    />
  )
}
