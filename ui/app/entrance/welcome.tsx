import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import type { LinkFacts } from '#api/rest/identity/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button, ButtonLink } from '#ui/kit/button.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Stack } from '#ui/kit/page.tsx'
import { SkeletonRows } from '#ui/kit/skeleton.tsx'
import { toast } from '#ui/kit/toast.tsx'
import { api } from '#ui/lib/api.ts'
import { describeError, fieldError, hasStatus } from '#ui/lib/problem.ts'
import { CodeList } from './code-list.tsx'
import { Entrance } from './entrance.tsx'
import { PasswordField } from './password-field.tsx'
import { stateOptions } from './sign-in.tsx'

/** Where all one-time links lead: the first account of a server, an invitation, a new password. The token stands behind `#`. */
export function WelcomePage() {
  const [token] = useState(() => new URLSearchParams(location.hash.slice(1)).get('token') ?? '')
  const link = useQuery({ queryKey: ['link', token], queryFn: () => api.post<LinkFacts>('/identity/links/check', { token }), retry: false, enabled: token !== '', staleTime: Infinity })
  const [codes, setCodes] = useState<readonly string[] | null>(null)
  if (codes !== null) return <RecoveryCodes codes={codes} next={link.data?.purpose === 'first_run' ? '/onboarding' : '/'} />
  if (token === '' || link.error !== null) {
    const told = token === '' ? t('entrance.link_missing') : describeError(link.error).detail
    return <Entrance title={t('entrance.link_bad')} detail={told}><Stack><p className="text-sm text-muted">{t('entrance.link_bad_text')}</p><ButtonLink to="/sign-in" wide size="lg">{t('entrance.sign_in')}</ButtonLink></Stack></Entrance>
  }
  if (link.data === undefined) return <Entrance title={t('entrance.welcome')}><SkeletonRows count={4} /></Entrance>
  if (link.data.purpose === 'reset') return <ResetForm token={token} facts={link.data} />
  if (link.data.purpose === 'invitation' && link.data.hasAccount) return <JoinKnown token={token} facts={link.data} />
  return <AccountForm token={token} facts={link.data} onDone={setCodes} />
}

function AccountForm({ token, facts, onDone }: { token: string; facts: LinkFacts; onDone: (codes: readonly string[]) => void }) {
  const isFirst = facts.purpose === 'first_run'
  const least = useQuery(stateOptions).data?.leastPassword
  const [organisation, setOrganisation] = useState('')
  const [name, setName] = useState('')
  const [email, setEmail] = useState(facts.email ?? '')
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      const body = isFirst ? { token, organisation, name, email, password } : { token, name, password }
      const { recoveryCodes } = await api.post<{ recoveryCodes: string[] }>(isFirst ? '/identity/welcome' : '/identity/join', body)
      onDone(recoveryCodes)
    } catch (problem) {
      setError(problem)
      setBusy(false)
    }
  }
  return (
    <Entrance title={isFirst ? t('entrance.welcome') : t('entrance.join', { organisation: facts.organisation ?? '' })} detail={isFirst ? t('entrance.welcome_detail') : t('entrance.join_detail')}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          {isFirst && <FormField label={t('entrance.organisation')} hint={t('entrance.organisation_hint')} error={fieldError(error, 'organisation')}><Input size="lg" name="organisation" autoComplete="organization" value={organisation} onChange={(event) => setOrganisation(event.target.value)} maxLength={120} required /></FormField>}
          <FormField label={t('entrance.name')} error={fieldError(error, 'name')}><Input size="lg" name="name" autoComplete="name" value={name} onChange={(event) => setName(event.target.value)} maxLength={120} required /></FormField>
          <FormField label={t('entrance.email')} error={fieldError(error, 'email')}><Input size="lg" name="email" type="email" autoComplete="username" value={email} onChange={(event) => setEmail(event.target.value)} disabled={!isFirst} required /></FormField>
          <PasswordField label={t('entrance.password')} value={password} onChange={setPassword} isNew least={least} error={fieldError(error, 'password')} />
          {error !== null && <InlineError error={error} />}
          <Button type="submit" look="primary" size="lg" wide busy={busy}>{isFirst ? t('entrance.create') : t('entrance.accept')}</Button>
        </Stack>
      </form>
    </Entrance>
  )
}

function JoinKnown({ token, facts }: { token: string; facts: LinkFacts }) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const accept = async () => {
    setBusy(true)
    try {
      await api.post('/identity/join/signed-in', { token })
      location.assign('/')
    } catch (problem) {
      setError(problem)
      setBusy(false)
    }
  }
  return (
    <Entrance title={t('entrance.join', { organisation: facts.organisation ?? '' })} detail={t('entrance.join_known', { email: facts.email ?? '' })}>
      <Stack>
        {error !== null && (hasStatus(error, 401) ? <p className="text-sm text-muted">{t('entrance.join_sign_in')}</p> : <InlineError error={error} />)}
        {hasStatus(error, 401)
          ? <ButtonLink to="/sign-in" search={{ next: `/welcome${location.hash}` }} look="primary" size="lg" wide>{t('entrance.sign_in')}</ButtonLink>
          : <Button look="primary" size="lg" wide busy={busy} onClick={() => void accept()}>{t('entrance.accept')}</Button>}
      </Stack>
    </Entrance>
  )
}

function ResetForm({ token, facts }: { token: string; facts: LinkFacts }) {
  const least = useQuery(stateOptions).data?.leastPassword
  const [password, setPassword] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(null)
    try {
      await api.post('/identity/reset', { token, password })
      toast(t('entrance.password_set'))
      location.assign('/sign-in')
    } catch (problem) {
      setError(problem)
      setBusy(false)
    }
  }
  return (
    <Entrance title={t('entrance.set_password')} {...(facts.email === null ? {} : { detail: facts.email })}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <PasswordField label={t('entrance.new_password')} value={password} onChange={setPassword} isNew least={least} error={fieldError(error, 'password')} />
          {error !== null && <InlineError error={error} />}
          <Button type="submit" look="primary" size="lg" wide busy={busy}>{t('entrance.set_password')}</Button>
        </Stack>
      </form>
    </Entrance>
  )
}

function RecoveryCodes({ codes, next }: { codes: readonly string[]; next: string }) {
  return (
    <Entrance title={t('entrance.codes_title')} detail={t('entrance.codes_detail')}>
      <Stack>
        <CodeList codes={codes} name="vigil-recovery-codes.txt" />
        <Button look="primary" size="lg" wide onClick={() => location.assign(next)}>{t('entrance.codes_saved')}</Button>
      </Stack>
    </Entrance>
  )
}
