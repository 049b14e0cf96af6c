import { useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import type { AddressesPreview, authorityStatement, Network, RegisteredAddresses } from '#api/rest/assets/address-schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Checkbox } from '#ui/kit/checkbox.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input, TextArea } from '#ui/kit/input.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { Select } from '#ui/kit/select.tsx'
import { api } from '#ui/lib/api.ts'
import { formatBig, roughly } from '#ui/lib/counts.ts'
import { useAction } from '#ui/lib/use-action.ts'

/** The platform keeps this sentence word by word as the declaration of authority; the type makes sure that it is the same. */
const statement: typeof authorityStatement = 'I am the owner of these addresses, or hold the owner’s written permission to test them.'

export const networksOptions = { queryKey: ['network', 'all'], queryFn: ({ signal }: { signal: AbortSignal }) => api.get<{ items: readonly Network[] }>('/networks', {}, signal), staleTime: 60_000 }

export type AddressForm = ReturnType<typeof useAddressForm>

/** What it takes to register addresses: their text, checked while it is typed, and the declaration. */
export function useAddressForm(onDone: (result: RegisteredAddresses, text: string) => void) {
  const [text, setText] = useState('')
  const [networkId, setNetworkId] = useState('')
  const [comment, setComment] = useState('')
  const [agreed, setAgreed] = useState(false)
  const checked = useDeferredValue(text)
  const preview = useQuery({
    queryKey: ['address', 'preview', checked, networkId],
    queryFn: () => api.post<AddressesPreview>('/addresses/preview', { text: checked, ...(networkId === '' ? {} : { networkId }) }),
    enabled: checked.trim() !== '',
    placeholderData: (before) => before,
    retry: false,
  })
  const register = useAction(
    () => api.post<RegisteredAddresses>('/addresses', { text, statement, ...(networkId === '' ? {} : { networkId }), ...(comment.trim() === '' ? {} : { comment }) }),
    { touches: ['address', 'asset', 'network', 'dashboard'], quiet: true, after: (result) => onDone(result, text) },
  )
  const told = checked.trim() === '' ? undefined : preview.data
  const ready = agreed && text.trim() !== '' && told !== undefined && told.badCount === 0 && told.fits
  return { text, setText, networkId, setNetworkId, comment, setComment, agreed, setAgreed, preview: told, previewError: preview.error, register, ready }
}

export function AddressFields({ form, plain = false }: { form: AddressForm; plain?: boolean }) {
  const networks = useQuery(networksOptions)
  const { preview } = form
  return (
    <Stack>
      <FormField label={t('addresses.text')} hint={t('addresses.text_hint')}>
        <TextArea mono rows={5} value={form.text} onChange={(event) => form.setText(event.target.value)} placeholder={'10.0.0.0/24\n10.1.0.5-10.1.0.20\n2001:db8::/64\nwww.example.org'} spellCheck={false} required />
      </FormField>
      {preview !== undefined && <PreviewLine preview={preview} />}
      {form.previewError !== null && <InlineError error={form.previewError} />}
      {!plain && networks.data !== undefined && networks.data.items.length > 1 && (
        <FormField label={t('addresses.network')} hint={t('addresses.network_hint')}>
          <Select value={form.networkId === '' ? (networks.data.items.find((one) => one.isDefault)?.id ?? '') : form.networkId} onChange={form.setNetworkId} options={networks.data.items.map((one) => ({ value: one.id, label: one.name }))} />
        </FormField>
      )}
      {!plain && <FormField label={t('addresses.comment')} optional={t('kit.optional')}><Input value={form.comment} onChange={(event) => form.setComment(event.target.value)} maxLength={500} /></FormField>}
      <div className="rounded-md border border-line bg-sunken p-3">
        <Checkbox checked={form.agreed} onChange={form.setAgreed} label={statement} hint={t('addresses.statement_hint')} />
      </div>
      {form.register.error !== null && <InlineError error={form.register.error} />}
    </Stack>
  )
}

function PreviewLine({ preview }: { preview: AddressesPreview }) {
  if (preview.badCount > 0) {
    return (
      <div role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-sm">
        <p className="font-medium">{t('addresses.bad', { n: preview.badCount })}</p>
        <ul className="mt-1 flex max-h-40 flex-col gap-0.5 overflow-y-auto text-xs">
          {preview.bad.map((bad) => <li key={`${bad.line}-${bad.text}`}><span className="tabular text-muted">{t('addresses.line', { line: bad.line })}</span> {bad.reason}</li>)}
        </ul>
      </div>
    )
  }
  if (!preview.fits) return <p role="alert" className="rounded-md bg-danger-soft px-3 py-2 text-sm">{t('addresses.no_room', { addresses: formatBig(preview.addresses), used: formatBig(preview.used), most: preview.most ?? 0 })}</p>
  return (
    <p role="status" className="tabular text-sm text-muted">
      <span className="font-medium text-ink">{t('addresses.preview', { addresses: formatBig(preview.addresses), count: roughly(preview.addresses), ranges: preview.rangeCount, names: preview.nameCount })}</span>
      {preview.alreadyRegistered !== '0' && <> · {t('addresses.already', { addresses: formatBig(preview.alreadyRegistered) })}</>}
    </p>
  )
}
