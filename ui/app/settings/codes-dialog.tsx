import { useState } from 'react'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { api } from '#ui/lib/api.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { CodeList } from '../entrance/code-list.tsx'
import { PasswordField } from '../entrance/password-field.tsx'

/** New codes for the password: asked for once, shown once. */
export function CodesDialog({ open, onClose, title, text, path, file }: { open: boolean; onClose: () => void; title: string; text: string; path: string; file: string }) {
  const [password, setPassword] = useState('')
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  const make = useAction(() => api.post<{ codes: string[] }>(path, { password }), { touches: ['session'], quiet: true, after: (result) => setCodes(result.codes) })
  const close = () => { setPassword(''); setCodes(null); make.reset(); onClose() }
  if (codes !== null) {
    return <Dialog open={open} onClose={close} title={t('entrance.codes_title')} description={t('entrance.codes_detail')} width="sm" actions={<Button look="primary" onClick={close}>{t('kit.done')}</Button>}><CodeList codes={codes} name={file} /></Dialog>
  }
  return (
    <Dialog open={open} onClose={close} title={title} description={text} width="sm" onSubmit={() => make.mutate()} actions={<><Button onClick={close}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={make.isPending}>{t('kit.continue')}</Button></>}>
      <Stack>
        <PasswordField label={t('security.current_password')} value={password} onChange={setPassword} />
        {make.error !== null && <InlineError error={make.error} />}
      </Stack>
    </Dialog>
  )
}
