import { Toast } from '@base-ui/react/toast'
import { CircleAlert, CircleCheck, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { describeError } from '#ui/lib/problem.ts'

const manager = Toast.createToastManager()

/** Tells that something was done; with `action`, offers the next step or the way back. */
export function toast(title: string, options: { description?: string; action?: Readonly<{ label: string; run: () => void }> } = {}): void {
  manager.add({
    title,
    description: options.description,
    type: 'good',
    actionProps: options.action === undefined ? undefined : { children: options.action.label, onClick: options.action.run },
  })
}

/** Tells that something failed; stays longer, since it must be read. */
export function toastError(error: unknown): void {
  const told = describeError(error)
  manager.add({ title: told.title, description: told.detail, type: 'error', timeout: 12_000, priority: 'high' })
}

export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={manager} timeout={5000} limit={3}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-[min(22rem,calc(100vw-2rem))] flex-col gap-2 max-sm:bottom-16">
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function ToastList() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((entry) => (
    <Toast.Root
      key={entry.id}
      toast={entry}
      className="popup flex w-full items-start gap-2.5 p-3 transition-[opacity,transform]! duration-200! data-ending-style:translate-y-2 data-limited:hidden data-starting-style:translate-y-2"
    >
      {entry.type === 'error' ? <CircleAlert className="mt-0.5 size-4 shrink-0 text-danger" aria-hidden /> : <CircleCheck className="mt-0.5 size-4 shrink-0 text-good" aria-hidden />}
      <Toast.Content className="flex min-w-0 flex-1 flex-col gap-0.5">
        <Toast.Title render={<p className="text-sm font-medium" />} />
        <Toast.Description className="text-xs break-words text-muted" />
        <Toast.Action className="mt-1 self-start rounded-sm text-xs font-medium text-accent-ink hover:underline" />
      </Toast.Content>
      <Toast.Close aria-label={t('kit.close')} className="flex size-5 items-center justify-center rounded-sm text-faint hover:bg-hover hover:text-ink">
        <X className="size-3.5" aria-hidden />
      </Toast.Close>
    </Toast.Root>
  ))
}
