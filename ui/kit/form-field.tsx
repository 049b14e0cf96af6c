import { Field } from '@base-ui/react/field'
import type { ReactNode } from 'react'
import { TriangleAlert } from 'lucide-react'

/** Label above, help below, and what is wrong instead of the help. */
export function FormField({ label, hint, error, optional, children }: {
  label: ReactNode
  hint?: ReactNode
  error?: string | null | undefined
  optional?: string
  children: ReactNode
}) {
  const wrong = typeof error === 'string' && error !== ''
  return (
    <Field.Root invalid={wrong} className="flex min-w-0 flex-col gap-1.5">
      <Field.Label className="flex items-baseline justify-between gap-2 text-sm font-medium text-ink">
        <span>{label}</span>
        {optional !== undefined && <span className="text-xs font-normal text-faint">{optional}</span>}
      </Field.Label>
      {children}
      {wrong ? (
        <Field.Error match className="flex items-start gap-1.5 text-xs text-danger">
          <TriangleAlert className="mt-0.5 size-3 shrink-0" aria-hidden />
          {error}
        </Field.Error>
      ) : (
        hint !== undefined && <Field.Description className="text-xs text-muted">{hint}</Field.Description>
      )}
    </Field.Root>
  )
}

/** A group of choices under one heading, where a label for a single control would be wrong. */
export function FormGroup({ label, hint, children }: { label: ReactNode; hint?: ReactNode; children: ReactNode }) {
  return (
    <fieldset className="flex min-w-0 flex-col gap-2">
      <legend className="mb-1.5 text-sm font-medium text-ink">{label}</legend>
      {children}
      {hint !== undefined && <p className="text-xs text-muted">{hint}</p>}
    </fieldset>
  )
}
