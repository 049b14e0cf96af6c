import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { Row, Section, Stack } from '#ui/kit/page.tsx'
import { api } from '#ui/lib/api.ts'
import { fieldError } from '#ui/lib/problem.ts'
import { useSession } from '#ui/lib/session.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { CodesDialog } from './codes-dialog.tsx'
import { PasswordField } from '../entrance/password-field.tsx'
import { stateOptions } from '../entrance/sign-in.tsx'

export function PasswordSection() {
  const { person } = useSession()
  const least = useQuery(stateOptions).data?.leastPassword
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const [renewing, setRenewing] = useState(false)
  const change = useAction(() => api.put('/identity/password', { current, password }), { touches: ['sessions'], quiet: true, done: t('security.password_changed'), after: () => { setCurrent(''); setPassword('') } })
  return (
    <Section title={t('entrance.password')}>
      <div className="grid gap-6 md:grid-cols-2">
        <form onSubmit={(event) => { event.preventDefault(); change.mutate() }}>
          <Stack>
            <PasswordField name="current" label={t('security.current_password')} value={current} onChange={setCurrent} error={fieldError(change.error, 'current')} />
            <PasswordField name="new" label={t('entrance.new_password')} value={password} onChange={setPassword} isNew least={least} error={fieldError(change.error, 'password')} />
            {change.error !== null && <InlineError error={change.error} />}
            <Row><Button type="submit" busy={change.isPending} disabled={current === '' || password === ''}>{t('security.change_password')}</Button></Row>
          </Stack>
        </form>
        <Stack gap={2}>
          <h3 className="text-sm font-medium">{t('security.recovery')}</h3>
          <p className="text-sm text-muted">{t('security.recovery_text', { n: person.recoveryCodes })}</p>
          <Row><Button onClick={() => setRenewing(true)}>{t('security.renew_recovery')}</Button></Row>
        </Stack>
      </div>
      <CodesDialog open={renewing} onClose={() => setRenewing(false)} title={t('security.renew_recovery')} text={t('security.renew_recovery_text')} path="/identity/recovery-codes" file="vigil-recovery-codes.txt" />
    </Section>
  )
}
