import { useState } from 'react'
import type { AssetGroup } from '#api/rest/assets/group-schemas.ts'
import type { Credential, LoginInput } from '#api/rest/credentials/schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { MultiCombobox } from '#ui/kit/combobox.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input, TextArea } from '#ui/kit/input.tsx'
import { Grid, Stack } from '#ui/kit/page.tsx'
import { Select } from '#ui/kit/select.tsx'
import { api } from '#ui/lib/api.ts'
import { fieldError } from '#ui/lib/problem.ts'
import { useAction } from '#ui/lib/use-action.ts'
import { useList } from '#ui/lib/use-list.ts'

type Secret = Credential['login']['secrets'][number]
const kinds = ['ssh', 'snmp', 'postgresql', 'mysql'] as const
const hashes = ['SHA-256', 'SHA-512', 'SHA-384', 'SHA-224', 'SHA', 'MD5'] as const
const ciphers = ['AES', 'AES-256', 'DES'] as const

/** Makes or changes an authentication record. A secret left empty stays as it is. */
export function CredentialDialog({ record, onClose }: { record: Credential | null; onClose: () => void }) {
  const [title, setTitle] = useState(record?.title ?? '')
  const [targets, setTargets] = useState(record?.targets ?? '')
  const [groups, setGroups] = useState<string[]>(record === null ? [] : [...record.assetGroupIds])
  const known = useList<AssetGroup>('group', '/groups', {}, { limit: 200 })
  const [kind, setKind] = useState<LoginInput['kind']>(record?.login.kind ?? 'ssh')
  const [user, setUser] = useState(record?.login.user ?? '')
  const [port, setPort] = useState(record?.login.port?.toString() ?? '')
  const [elevate, setElevate] = useState<'none' | 'sudo' | 'su'>(record?.login.elevate ?? 'none')
  const [hostKeys, setHostKeys] = useState(record?.login.hostKeys.join('\n') ?? '')
  const [version, setVersion] = useState<'2c' | '3'>(record?.login.version ?? '3')
  const [auth, setAuth] = useState<string>(record === null ? 'SHA-256' : record.login.auth ?? 'none')
  const [privacy, setPrivacy] = useState<string>(record === null ? 'AES' : record.login.privacy ?? 'none')
  const [secrets, setSecrets] = useState<Partial<Record<Secret, string>>>({})
  const given = (name: Secret): string | undefined => (secrets[name] === undefined || secrets[name] === '' ? undefined : secrets[name])
  const login = (): object => {
    const at = { kind, port: port === '' ? null : Number(port) }
    if (kind === 'snmp' && version === '2c') return { ...at, version, community: given('community') }
    if (kind === 'snmp') return { ...at, version, user, auth: auth === 'none' ? null : { by: auth, key: given('authKey') }, privacy: privacy === 'none' ? null : { by: privacy, key: given('privacyKey') } }
    if (kind !== 'ssh') return { ...at, user, password: given('password') }
    return {
      ...at, user, password: given('password'), privateKey: given('privateKey'), passphrase: given('passphrase'), elevate: elevate === 'none' ? null : { by: elevate, password: given('elevatePassword') },
      hostKeys: hostKeys.split(/\s+/).filter((line) => line !== ''),
    }
  }
  const save = useAction(() => {
    const body = { title, targets, assetGroupIds: groups, login: login() }
    return record === null ? api.post('/credentials', body) : api.patch(`/credentials/${record.id}`, body)
  }, { touches: ['credential'], quiet: true, done: t('kit.saved'), after: onClose })
  const secret = (name: Secret, label: string, hint?: string, long = false) => {
    const kept = record?.login.kind === kind && record.login.secrets.includes(name)
    const set = (value: string): void => setSecrets({ ...secrets, [name]: value })
    return (
      <FormField label={label} hint={kept ? t('credentials.kept') : hint}>
        {long
          ? <TextArea mono rows={4} value={secrets[name] ?? ''} onChange={(event) => set(event.target.value)} spellCheck={false} autoComplete="off" />
          : <Input type="password" value={secrets[name] ?? ''} onChange={(event) => set(event.target.value)} autoComplete="new-password" placeholder={kept ? '••••••••' : ''} />}
      </FormField>
    )
  }
  return (
    <Dialog
      open onClose={onClose} title={record === null ? t('credentials.add') : t('credentials.edit')} description={t('credentials.secret_text')} width="lg" onSubmit={() => save.mutate()}
      actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={save.isPending}>{t('kit.save')}</Button></>}
    >
      <Stack>
        <Grid columns={2}>
          <FormField label={t('column.name')} error={fieldError(save.error, 'title')}><Input value={title} onChange={(event) => setTitle(event.target.value)} maxLength={80} required /></FormField>
          <FormField label={t('credentials.kind')}><Select value={kind} onChange={setKind} options={kinds.map((value) => ({ value, label: word('login_kind', value) }))} /></FormField>
        </Grid>
        <FormField label={t('credentials.targets')} hint={t('credentials.targets_hint')} error={fieldError(save.error, 'targets')}><TextArea mono rows={2} value={targets} onChange={(event) => setTargets(event.target.value)} spellCheck={false} /></FormField>
        {known.rows.length > 0 && <FormField label={t('scans.groups')} optional={t('kit.optional')} hint={t('credentials.groups_hint')}><MultiCombobox values={groups} onChange={setGroups} placeholder={t('groups.choose')} options={known.rows.map((group) => ({ value: group.id, label: group.name }))} /></FormField>}
        <Grid columns={2}>
          {kind === 'snmp' && <FormField label={t('credentials.version')}><Select value={version} onChange={setVersion} options={[{ value: '3', label: 'SNMPv3' }, { value: '2c', label: 'SNMPv2c' }]} /></FormField>}
          {(kind !== 'snmp' || version === '3') && <FormField label={t('credentials.user')}><Input value={user} onChange={(event) => setUser(event.target.value)} maxLength={100} autoComplete="off" required /></FormField>}
          <FormField label={t('credentials.port')} hint={t('credentials.port_hint')}><Input type="number" min={1} max={65_535} value={port} onChange={(event) => setPort(event.target.value)} /></FormField>
          {kind !== 'snmp' && secret('password', t('credentials.password'))}
          {kind === 'snmp' && version === '2c' && secret('community', t('credentials.community'))}
        </Grid>
        {kind === 'snmp' && version === '3' && (
          <Grid columns={2}>
            <FormField label={t('credentials.auth')}><Select value={auth} onChange={setAuth} options={['none', ...hashes].map((value) => ({ value, label: value === 'none' ? t('credentials.nothing') : value }))} /></FormField>
            {auth !== 'none' && secret('authKey', t('credentials.auth_key'))}
            <FormField label={t('credentials.privacy')}><Select value={privacy} onChange={setPrivacy} options={['none', ...ciphers].map((value) => ({ value, label: value === 'none' ? t('credentials.nothing') : value }))} /></FormField>
            {privacy !== 'none' && secret('privacyKey', t('credentials.privacy_key'))}
          </Grid>
        )}
        {kind === 'ssh' && (
          <>
            {secret('privateKey', t('credentials.key'), t('credentials.key_hint'), true)}
            <Grid columns={2}>
              {secret('passphrase', t('credentials.passphrase'))}
              <FormField label={t('credentials.elevate')} hint={t('credentials.elevate_hint')}><Select value={elevate} onChange={setElevate} options={[{ value: 'none', label: t('credentials.nothing') }, { value: 'sudo', label: 'sudo' }, { value: 'su', label: 'su' }]} /></FormField>
              {elevate !== 'none' && secret('elevatePassword', t('credentials.elevate_password'), elevate === 'sudo' ? t('credentials.sudo_hint') : undefined)}
            </Grid>
            <FormField label={t('credentials.host_keys')} hint={t('credentials.host_keys_hint')}><TextArea mono rows={2} value={hostKeys} onChange={(event) => setHostKeys(event.target.value)} spellCheck={false} /></FormField>
          </>
        )}
        {save.error !== null && <InlineError error={save.error} />}
      </Stack>
    </Dialog>
  )
}
