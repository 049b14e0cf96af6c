import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { useRef, useState, type FormEvent, type ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { classes } from '#ui/lib/class-names.ts'
import { Button, IconButton } from './button.tsx'
import { InlineError } from './error-state.tsx'

const scrim = 'fixed inset-0 z-40 bg-scrim transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0'
const sheet =
  'popup fixed top-[12vh] left-1/2 z-40 flex max-h-[80vh] w-[calc(100vw-2rem)] -translate-x-1/2 flex-col rounded-xl! shadow-3! outline-none! ' +
  'max-sm:top-auto max-sm:bottom-0 max-sm:w-full max-sm:max-h-[92dvh] max-sm:rounded-b-none!'
const widths = { sm: 'sm:max-w-md', md: 'sm:max-w-xl', lg: 'sm:max-w-3xl' }

/** A task of its own over the page. With `onSubmit` it is a form: enter sends it, and what fails is said inside it. */
export function Dialog({ open, onClose, title, description, children, actions, onSubmit, width = 'md' }: {
  open: boolean
  onClose: () => void
  title: ReactNode
  description?: ReactNode
  children: ReactNode
  actions?: ReactNode
  onSubmit?: () => void
  width?: keyof typeof widths
}) {
  const popup = useRef<HTMLDivElement>(null)
  const body = (
    <>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
      {actions !== undefined && <div className="flex justify-end gap-2 border-t border-line px-5 py-3">{actions}</div>}
    </>
  )
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={scrim} />
        {/* A form is opened to be filled in: the first field has the focus. Without one the dialog itself: on the cross, its tooltip would take the first Escape. */}
        <Base.Popup ref={popup} initialFocus={() => popup.current?.querySelector<HTMLElement>('input:not([type=hidden],[aria-hidden=true]),textarea') ?? popup.current} className={classes(sheet, widths[width])}>
          <header className="flex items-start gap-3 border-b border-line py-3 pr-3 pl-5">
            <div className="min-w-0 flex-1 py-1">
              <Base.Title className="text-base font-semibold">{title}</Base.Title>
              {description !== undefined && <Base.Description className="mt-0.5 text-sm text-muted">{description}</Base.Description>}
            </div>
            <Base.Close render={<IconButton label={t('kit.close')}><X aria-hidden /></IconButton>} />
          </header>
          {onSubmit === undefined ? body : (
            <form className="flex min-h-0 flex-1 flex-col" onSubmit={(event: FormEvent) => { event.preventDefault(); onSubmit() }}>{body}</form>
          )}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

/** Asks before what can't be taken back; says what will happen, and what failed when it did. */
export function ConfirmDialog({ open, onClose, title, children, action, onConfirm, danger = true }: {
  open: boolean
  onClose: () => void
  title: ReactNode
  children: ReactNode
  action: string
  onConfirm: () => Promise<unknown>
  danger?: boolean
}) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const close = () => { setError(null); onClose() }
  const confirm = async () => {
    setBusy(true)
    setError(null)
    try {
      await onConfirm()
      close()
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && close()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={scrim} />
        <AlertDialog.Popup className={classes(sheet, widths.sm)}>
          <div className="flex flex-col gap-2 overflow-y-auto p-5">
            <AlertDialog.Title className="text-base font-semibold">{title}</AlertDialog.Title>
            <AlertDialog.Description render={<div className="text-sm text-muted" />}>{children}</AlertDialog.Description>
            {error !== null && <InlineError error={error} />}
          </div>
          <div className="flex justify-end gap-2 border-t border-line px-5 py-3">
            <AlertDialog.Close render={<Button>{t('kit.cancel')}</Button>} />
            <Button look={danger ? 'danger' : 'primary'} busy={busy} onClick={() => void confirm()}>{action}</Button>
          </div>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}
