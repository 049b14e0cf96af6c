import { Drawer } from '@base-ui/react/drawer'
import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { useEffect, useRef, type ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { useNarrow } from '#ui/lib/viewport.ts'
import { IconButton } from './button.tsx'

type SidePanelProps = {
  open: boolean
  onClose: () => void
  title: ReactNode
  label: string
  actions?: ReactNode
  onPrevious?: (() => void) | undefined
  onNext?: (() => void) | undefined
  children: ReactNode
}

/**
 * Shows one row of a list beside the list. On a wide screen it stands next to it and the list stays in use; on a narrow one
 * it is a sheet over it.
 */
export function SidePanel(props: SidePanelProps) {
  const narrow = useNarrow(1024)
  return narrow ? <Sheet {...props} /> : <Beside {...props} />
}

function Head({ title, actions, onPrevious, onNext, onClose }: SidePanelProps) {
  return (
    <header className="flex shrink-0 items-start gap-1 border-b border-line py-2.5 pr-2 pl-4">
      <div className="min-w-0 flex-1 py-0.5">{title}</div>
      {actions}
      {onPrevious !== undefined && <IconButton size="sm" label={t('kit.previous')} hint="k" onClick={onPrevious}><ChevronUp aria-hidden /></IconButton>}
      {onNext !== undefined && <IconButton size="sm" label={t('kit.next')} hint="j" onClick={onNext}><ChevronDown aria-hidden /></IconButton>}
      <IconButton size="sm" label={t('kit.close')} hint="esc" onClick={onClose}><X aria-hidden /></IconButton>
    </header>
  )
}

function Beside(props: SidePanelProps) {
  const { open, onClose, label, children } = props
  const box = useRef<HTMLElement>(null)
  useEffect(() => {
    if (!open) return
    const press = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented && box.current?.contains(document.activeElement) === true) onClose()
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [open, onClose])
  if (!open) return null
  return (
    <aside ref={box} aria-label={label} className="flex h-full min-h-0 w-[min(36rem,46vw)] shrink-0 flex-col border-l border-line bg-surface" data-print="hide">
      <Head {...props} />
      <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">{children}</div>
    </aside>
  )
}

function Sheet(props: SidePanelProps) {
  return (
    <Drawer.Root open={props.open} onOpenChange={(next) => !next && props.onClose()} swipeDirection="right">
      <Drawer.Portal>
        <Drawer.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Drawer.Viewport className="fixed inset-0 z-40 flex justify-end">
          <Drawer.Popup
            aria-label={props.label}
            className="flex h-full w-full max-w-[36rem] transform-[translateX(var(--drawer-swipe-movement-x))] flex-col border-l border-line bg-surface shadow-3 outline-none transition-transform duration-200 ease-out data-ending-style:transform-[translateX(100%)] data-starting-style:transform-[translateX(100%)] data-swiping:select-none"
          >
            <Head {...props} />
            <Drawer.Content className="flex min-h-0 flex-1 flex-col overflow-y-auto">{props.children}</Drawer.Content>
          </Drawer.Popup>
        </Drawer.Viewport>
      </Drawer.Portal>
    </Drawer.Root>
  )
}
