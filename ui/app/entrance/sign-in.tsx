import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { KeyRound } from 'lucide-react'
import { useState, type FormEvent } from 'react'
import type { ServerState, SignInResult } from '#api/rest/identity/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Checkbox } from '#ui/kit/checkbox.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { Segmented } from '#ui/kit/tabs.tsx'
import { toast } from '#ui/kit/toast.tsx'
import { api } from '#ui/lib/api.ts'
import { canPasskey, signWithPasskey, wasCancelled } from '#ui/lib/passkey.ts'
import { Entrance } from './entrance.tsx'
import { PasswordField } from './password-field.tsx'

const route = getRouteApi('/sign-in')
export const stateOptions = { queryKey: ['state'], queryFn: () => api.get<ServerState>('/identity/state'), staleTime: 60_000 }

/** Only a path of this very console: an address from outside must not lead out. */
export function safeNext(next: string | undefined): string {
  return next !== undefined && /^\/(?![/\\])/.test(next) ? next : '/'
}

export function SignInPage() {
  const { next, forgot = false } = route.useSearch()
  const navigate = route.useNavigate()
  const state = useQuery(stateOptions)
  const [step, setStep] = useState<'password' | 'code'>('password')
  const enter = () => location.assign(safeNext(next))
  if (state.data?.firstRun === true) {
    return <Entrance title={t('entrance.first_title')} detail={t('entrance.first_detail')}><p className="text-sm text-muted">{t('entrance.first_text')}</p></Entrance>
  }
  if (forgot) return <Forgot least={state.data?.leastPassword} onDone={() => { toast(t('entrance.password_set')); void navigate({ search: { next } }) }} />
  if (step === 'code') return <SecondFactor onDone={enter} onBack={() => setStep('password')} />
  return <Password onDone={(result) => (result.status === 'second_factor' ? setStep('code') : enter())} />
}

function Password({ onDone }: { onDone: (result: SignInResult) => void }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [remember, setRemember] = useState(true)
  const [busy, setBusy] = useState<'password' | 'passkey' | null>(null)
  const [error, setError] = useState<unknown>(null)
  const attempt = async (kind: 'password' | 'passkey', work: () => Promise<SignInResult>) => {
    setBusy(kind)
    setError(null)
    try {
      onDone(await work())
    } catch (problem) {
      if (!wasCancelled(problem)) setError(problem)
      setBusy(null)
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt('password', () => api.post<SignInResult>('/identity/sign-in', { email, password, remember }))
  }
  const passkey = async () => {
    const response = await signWithPasskey(await api.post('/identity/sign-in/passkey/options'))
    return api.post<SignInResult>('/identity/sign-in/passkey', { response })
  }
  return (
    <Entrance title={t('entrance.sign_in')} foot={<Link to="/sign-in" search={(before) => ({ ...before, forgot: true as const })} className="rounded-xs text-accent-ink hover:underline">{t('entrance.forgot')}</Link>}>
      <form onSubmit={submit}>
        <Stack>
          <FormField label={t('entrance.email')}><Input size="lg" name="email" type="email" autoComplete="username webauthn" value={email} onChange={(event) => setEmail(event.target.value)} required /></FormField>
          <PasswordField label={t('entrance.password')} value={password} onChange={setPassword} />
          <Checkbox checked={remember} onChange={setRemember} label={t('entrance.remember')} />
          {error !== null && <InlineError error={error} />}
          <Button type="submit" look="primary" size="lg" wide busy={busy === 'password'}>{t('entrance.sign_in')}</Button>
          {canPasskey() && <Button size="lg" wide icon={<KeyRound aria-hidden />} busy={busy === 'passkey'} onClick={() => void attempt('passkey', passkey)}>{t('entrance.passkey')}</Button>}
        </Stack>
      </form>
    </Entrance>
  )
}

function SecondFactor({ onDone, onBack }: { onDone: () => void; onBack: () => void }) {
  const [kind, setKind] = useState<'totp' | 'backup'>('totp')
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const send = async (value: string) => {
    setBusy(true)
    setError(null)
    try {
      await api.post('/identity/sign-in/second-factor', { kind, code: value.trim() })
      onDone()
    } catch (problem) {
      setError(problem)
      setCode('')
      setBusy(false)
    }
  }
  return (
    <Entrance title={t('entrance.code_title')} detail={kind === 'totp' ? t('entrance.code_detail') : t('entrance.backup_detail')} foot={<button type="button" className="rounded-xs text-accent-ink hover:underline" onClick={onBack}>{t('entrance.back')}</button>}>
      <form onSubmit={(event) => { event.preventDefault(); void send(code) }}>
        <Stack>
          <Segmented label={t('entrance.code_kind')} value={kind} onChange={(next) => { setKind(next); setCode('') }} options={[{ value: 'totp', label: t('entrance.totp') }, { value: 'backup', label: t('entrance.backup') }]} />
          <FormField label={t('entrance.code')}>
            <Input
              size="lg"
              mono
              name="code"
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page is this field
              autoFocus
              inputMode={kind === 'totp' ? 'numeric' : 'text'}
              autoComplete="one-time-code"
              value={code}
              onChange={(event) => {
                setCode(event.target.value)
                if (kind === 'totp' && /^\d{6}$/.test(event.target.value)) void send(event.target.value)
              }}
              required
            />
          </FormField>
          {error !== null && <InlineError error={error} />}
          <Button type="submit" look="primary" size="lg" wide busy={busy}>{t('entrance.sign_in')}</Button>
        </Stack>
      </form>
    </Entrance>
  )
}

/** A recovery code sets a new password; without one, a manager of the organisation gives a link. */
function Forgot({ least, onDone }: { least: number | undefined; onDone: () => void }) {
  const [email, setEmail] = useState('')
  const [code, setCode] = useState('')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const submit = async () => {
    setBusy(true)
    setError(null)
    try {
      await api.post('/identity/recover', { email, code: code.trim(), password })
      onDone()
    } catch (problem) {
      setError(problem)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Entrance title={t('entrance.forgot_title')} detail={t('entrance.forgot_detail')} foot={<Link to="/sign-in" className="rounded-xs text-accent-ink hover:underline">{t('entrance.back')}</Link>}>
      <form onSubmit={(event) => { event.preventDefault(); void submit() }}>
        <Stack>
          <FormField label={t('entrance.email')}><Input size="lg" name="email" type="email" autoComplete="username" value={email} onChange={(event) => setEmail(event.target.value)} required /></FormField>
          <FormField label={t('entrance.recovery_code')} hint={t('entrance.recovery_hint')}><Input size="lg" mono value={code} onChange={(event) => setCode(event.target.value)} required autoComplete="off" /></FormField>
          <PasswordField label={t('entrance.new_password')} value={password} onChange={setPassword} isNew least={least} />
          {error !== null && <InlineError error={error} />}
          <Button type="submit" look="primary" size="lg" wide busy={busy}>{t('entrance.set_password')}</Button>
        </Stack>
      </form>
    </Entrance>
  )
}
