import { Tooltip as Base } from '@base-ui/react/tooltip'
import type { ReactElement, ReactNode } from 'react'
import { KeyHint } from './key-hint.tsx'

/** A short name or explanation for what the pointer or the focus is on. Never the only place where something is said. */
export function Tooltip({ text, hint, children, side = 'bottom' }: {
  text: ReactNode
  hint?: string | undefined
  children: ReactElement<Record<string, unknown>>
  side?: 'top' | 'bottom' | 'left' | 'right'
}) {
  return (
    <Base.Root>
      <Base.Trigger render={children} />
      <Base.Portal>
        <Base.Positioner sideOffset={6} side={side} className="z-50">
          <Base.Popup className="flex max-w-72 items-center gap-2 rounded-md bg-ink px-2 py-1 text-xs text-canvas shadow-2 transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0">
            {text}
            {hint !== undefined && <KeyHint keys={hint} inverse />}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}

export const TooltipProvider = Base.Provider
