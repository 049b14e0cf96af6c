import { useState } from 'react'
import { QrCode } from '#ui/charts/qr-code.tsx'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { CopyField } from '#ui/kit/copy-field.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Row, Section, Stack } from '#ui/kit/page.tsx'
import { StatusChip } from '#ui/kit/status-chip.tsx'
import { api } from '#ui/lib/api.ts'
import { useSession } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { CodeList } from '../entrance/code-list.tsx'
import { PasswordField } from '../entrance/password-field.tsx'
import { CodesDialog } from './codes-dialog.tsx'

type Offer = Readonly<{ uri: string; backupCodes: readonly string[] }>

export function SecondFactorSection() {
  const { person } = useSession()
  const [open, setOpen] = useState<'start' | 'stop' | 'backup' | null>(null)
  return (
    <Section title={t('security.second_factor')} detail={<StatusChip status={person.secondFactor ? 'done' : 'ignored'} label={person.secondFactor ? t('kit.on') : t('kit.off')} />}>
      <Stack gap={3}>
        <p className="max-w-prose text-sm text-muted">{t('security.second_factor_text')}</p>
        <Row wrap>
          {person.secondFactor
            ? <><Button onClick={() => setOpen('backup')}>{t('security.renew_backup')}</Button><Button look="danger" onClick={() => setOpen('stop')}>{t('security.second_factor_stop')}</Button></>
            : <Button look="primary" onClick={() => setOpen('start')}>{t('security.second_factor_start')}</Button>}
        </Row>
      </Stack>
      {open === 'start' && <StartDialog onClose={() => setOpen(null)} />}
      {open === 'stop' && <StopDialog onClose={() => setOpen(null)} />}
      <CodesDialog open={open === 'backup'} onClose={() => setOpen(null)} title={t('security.renew_backup')} text={t('security.renew_backup_text')} path="/identity/second-factor/backup-codes" file="vigil-backup-codes.txt" />
    </Section>
  )
}

/** The password, then the picture for the phone, then a first code that proves it works, then the codes for a lost phone. */
function StartDialog({ onClose }: { onClose: () => void }) {
  const [password, setPassword] = useState('')
  const [offer, setOffer] = useState<Offer | null>(null)
  const [code, setCode] = useState('')
  const [done, setDone] = useState(false)
  const start = useAction(() => api.post<Offer>('/identity/second-factor', { password }), { quiet: true, after: setOffer })
  const confirm = useAction(() => api.post('/identity/second-factor/confirm', { code: code.trim() }), { touches: ['session', 'people'], quiet: true, done: t('security.second_factor_on'), after: () => setDone(true) })
  if (offer !== null && done) {
    return <Dialog open onClose={onClose} title={t('security.backup_codes')} description={t('security.backup_codes_text')} width="sm" actions={<Button look="primary" onClick={onClose}>{t('entrance.codes_saved')}</Button>}><CodeList codes={offer.backupCodes} name="vigil-backup-codes.txt" /></Dialog>
  }
  if (offer !== null) {
    const secret = new URL(offer.uri).searchParams.get('secret') ?? ''
    return (
      <Dialog open onClose={onClose} title={t('security.scan_qr')} description={t('security.scan_qr_text')} width="sm" onSubmit={() => confirm.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={confirm.isPending}>{t('security.confirm_code')}</Button></>}>
        <Stack>
          <div className="flex justify-center"><QrCode text={offer.uri} label={t('security.qr_label')} /></div>
          <CopyField text={secret} label={t('security.secret')} />
          <FormField label={t('security.first_code')}><Input mono inputMode="numeric" autoComplete="one-time-code" value={code} onChange={(event) => setCode(event.target.value)} required /></FormField>
          {confirm.error !== null && <InlineError error={confirm.error} />}
        </Stack>
      </Dialog>
    )
  }
  return (
    <Dialog open onClose={onClose} title={t('security.second_factor_start')} width="sm" onSubmit={() => start.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={start.isPending}>{t('kit.continue')}</Button></>}>
      <Stack>
        <PasswordField label={t('security.current_password')} value={password} onChange={setPassword} />
        {start.error !== null && <InlineError error={start.error} />}
      </Stack>
    </Dialog>
  )
}

function StopDialog({ onClose }: { onClose: () => void }) {
  const [password, setPassword] = useState('')
  const stop = useAction(() => api.post('/identity/second-factor/stop', { password }), { touches: ['session', 'people'], quiet: true, done: t('security.second_factor_off'), after: onClose })
  return (
    <Dialog open onClose={onClose} title={t('security.second_factor_stop')} description={t('security.second_factor_stop_text')} width="sm" onSubmit={() => stop.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="danger" busy={stop.isPending}>{t('security.second_factor_stop')}</Button></>}>
      <Stack>
        <PasswordField label={t('security.current_password')} value={password} onChange={setPassword} />
        {stop.error !== null && <InlineError error={stop.error} />}
      </Stack>
    </Dialog>
  )
}
