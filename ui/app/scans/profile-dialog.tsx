import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { OptionProfile } from '#api/rest/profiles/schemas.ts'
import type { SearchLists } from '#api/rest/search-lists/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { Switch } from '#ui/kit/checkbox.tsx'
import { MultiCombobox } from '#ui/kit/combobox.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input, TextArea } from '#ui/kit/input.tsx'
import { Grid, Stack } from '#ui/kit/page.tsx'
import { Segmented } from '#ui/kit/tabs.tsx'
import { api } from '#ui/lib/api.ts'
import { fieldError } from '#ui/lib/problem.ts'
import { useAction } from '#ui/lib/use-action.ts'

type Settings = OptionProfile['settings']

export function ProfileDialog({ profile, onClose }: { profile: OptionProfile; onClose: () => void }) {
  const [name, setName] = useState(profile.name)
  const [description, setDescription] = useState(profile.description)
  const [settings, setSettings] = useState<Settings>(profile.settings)
  const save = useAction(() => api.patch(`/profiles/${profile.id}`, { name, description, settings }), { touches: ['profile'], quiet: true, done: t('kit.saved'), after: onClose })
  const wrong = (field: string): string | undefined => fieldError(save.error, `settings.${field}`)
  const number = (part: 'pace' | 'limits', key: string, value: string): void => setSettings({ ...settings, [part]: { ...settings[part], [key]: Number(value) } })
  const pace = (key: keyof Settings['pace'], label: string, hint?: string) => (
    <FormField label={label} hint={hint} error={wrong(`pace.${key}`)}><Input type="number" min={0} value={settings.pace[key]} onChange={(event) => number('pace', key, event.target.value)} required /></FormField>
  )
  const limit = (key: keyof Settings['limits'], label: string) => (
    <FormField label={label} error={wrong(`limits.${key}`)}><Input type="number" min={0} value={settings.limits[key]} onChange={(event) => number('limits', key, event.target.value)} required /></FormField>
  )
  return (
    <Dialog open onClose={onClose} title={t('profiles.edit')} width="lg" onSubmit={() => save.mutate()} actions={<><Button onClick={onClose}>{t('kit.cancel')}</Button><Button type="submit" look="primary" busy={save.isPending}>{t('kit.save')}</Button></>}>
      <Stack gap={6}>
        <Grid columns={2}>
          <FormField label={t('column.name')} error={fieldError(save.error, 'name')}><Input value={name} onChange={(event) => setName(event.target.value)} maxLength={80} required /></FormField>
          <FormField label={t('profiles.description')}><Input value={description} onChange={(event) => setDescription(event.target.value)} maxLength={500} /></FormField>
        </Grid>
        <Stack>
          <FormField label={t('scans.tcp_ports')} hint={t('profiles.ports_hint')} error={wrong('tcp')}><TextArea mono rows={3} value={settings.tcp} onChange={(event) => setSettings({ ...settings, tcp: event.target.value })} spellCheck={false} /></FormField>
          <FormField label={t('scans.udp_ports')} hint={t('profiles.udp_hint')} error={wrong('udp')}><TextArea mono rows={2} value={settings.udp} onChange={(event) => setSettings({ ...settings, udp: event.target.value })} spellCheck={false} /></FormField>
          <FormField label={t('profiles.discovery_ports')} hint={t('profiles.discovery_hint')} error={wrong('discovery.tcp')}><Input mono value={settings.discovery.tcp} onChange={(event) => setSettings({ ...settings, discovery: { ...settings.discovery, tcp: event.target.value } })} /></FormField>
          <Switch checked={settings.discovery.alwaysUp} onChange={(alwaysUp) => setSettings({ ...settings, discovery: { ...settings.discovery, alwaysUp } })} label={t('profiles.always_up')} hint={t('profiles.always_up_hint')} />
          <Switch checked={settings.defaults} onChange={(defaults) => setSettings({ ...settings, defaults })} label={t('profiles.defaults')} hint={t('profiles.defaults_hint')} />
        </Stack>
        <DepthChoice settings={settings} onChange={setSettings} />
        <ListChoice lists={settings.lists ?? { include: [], exclude: [] }} onChange={(lists) => setSettings({ ...settings, lists })} />
        <Grid columns={2}>
          {pace('hosts', t('profiles.hosts'))}
          {pace('rate', t('profiles.rate'), t('profiles.rate_hint'))}
          {pace('connections', t('profiles.connections'))}
          {pace('perHost', t('profiles.per_host'))}
          {limit('connect', t('profiles.connect'))}
          {limit('answer', t('profiles.answer'))}
          {limit('host', t('profiles.host_ms'))}
          {limit('hostBytes', t('profiles.host_bytes'))}
        </Grid>
        {save.error !== null && <InlineError error={save.error} />}
      </Stack>
    </Dialog>
  )
}

/** How far a scan goes. What fragile devices are spared is shown as spared. */
function DepthChoice({ settings, onChange }: { settings: Settings; onChange: (settings: Settings) => void }) {
  const fragile = settings.fragile === true
  const templates = fragile ? 'off' : settings.templates ?? 'fitting'
  return (
    <Stack>
      <Grid columns={2}>
        <FormField label={t('profiles.templates')} hint={t(`profiles.templates_${templates}`)}>
          <Segmented label={t('profiles.templates')} value={templates} onChange={(value) => onChange({ ...settings, templates: value, fragile: false })} options={(['fitting', 'all', 'off'] as const).map((value) => ({ value, label: t(`profiles.templates_${value}_name`) }))} />
        </FormField>
        <FormField label={t('profiles.packets')} hint={t(`profiles.packets_${settings.packets ?? 'auto'}`)}>
          <Segmented label={t('profiles.packets')} value={settings.packets ?? 'auto'} onChange={(packets) => onChange({ ...settings, packets })} options={(['auto', 'connect'] as const).map((value) => ({ value, label: t(`profiles.packets_${value}_name`) }))} />
        </FormField>
      </Grid>
      <Switch checked={settings.login ?? true} onChange={(login) => onChange({ ...settings, login })} label={t('profiles.login')} hint={t('profiles.login_hint')} />
      <Switch checked={!fragile && (settings.callbacks ?? true)} onChange={(callbacks) => onChange({ ...settings, callbacks })} label={t('profiles.callbacks')} hint={t('profiles.callbacks_hint')} />
      <Switch checked={!fragile && settings.intrusive === true} onChange={(intrusive) => onChange({ ...settings, intrusive })} label={t('profiles.intrusive')} hint={t('profiles.intrusive_hint')} />
      <Switch checked={fragile} onChange={(value) => onChange({ ...settings, fragile: value })} label={t('profiles.fragile')} hint={t('profiles.fragile_hint')} />
    </Stack>
  )
}

/** Which checks a scan looks for: what search lists hold when it is launched. */
function ListChoice({ lists, onChange }: { lists: NonNullable<Settings['lists']>; onChange: (lists: NonNullable<Settings['lists']>) => void }) {
  const found = useQuery({ queryKey: ['list', 'all'], queryFn: ({ signal }) => api.get<SearchLists>('/search-lists', {}, signal) })
  const options = (found.data?.items ?? []).map((list) => ({ value: list.id, label: list.name, detail: t('lists.holds', { n: list.count }) }))
  return (
    <Grid columns={2}>
      <FormField label={t('profiles.include')} hint={t('profiles.include_hint')}><MultiCombobox values={lists.include} options={options} onChange={(include) => onChange({ ...lists, include })} placeholder={t('profiles.all_checks')} /></FormField>
      <FormField label={t('profiles.exclude')}><MultiCombobox values={lists.exclude} options={options} onChange={(exclude) => onChange({ ...lists, exclude })} placeholder={t('kit.none')} /></FormField>
    </Grid>
  )
}
