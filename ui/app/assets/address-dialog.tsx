import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { toast } from '#ui/kit/toast.tsx'
import { formatBig, roughly } from '#ui/lib/counts.ts'
import { AddressFields, useAddressForm } from './address-form.tsx'

export function AddressDialog({ open, onClose, onScan }: { open: boolean; onClose: () => void; onScan?: (targets: string) => void }) {
  return open ? <Form onClose={onClose} {...(onScan === undefined ? {} : { onScan })} /> : null
}

function Form({ onClose, onScan }: { onClose: () => void; onScan?: (targets: string) => void }) {
  const form = useAddressForm((result, text) => {
    toast(t('addresses.added', { addresses: formatBig(result.added), count: roughly(result.added) }), onScan === undefined ? {} : { action: { label: t('addresses.scan_them'), run: () => onScan(text) } })
    onClose()
  })
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('assets.add')}
      description={t('addresses.dialog_text')}
      onSubmit={() => form.register.mutate()}
      actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={form.register.isPending} disabled={!form.ready}>{t('addresses.register')}</Button></>}
    >
      <AddressFields form={form} />
    </Dialog>
  )
}
