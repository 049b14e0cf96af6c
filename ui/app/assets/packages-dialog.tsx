import { useState } from 'react'
import type { AssetDetail } from '#api/rest/assets/schemas.ts'
import type { UploadedPackages, UploadPackages } from '#api/rest/assets/software-schemas.ts'
import { t, word } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { CopyField } from '#ui/kit/copy-field.tsx'
import { Dialog } from '#ui/kit/dialog.tsx'
import { InlineError } from '#ui/kit/error-state.tsx'
import { FileDrop } from '#ui/kit/file-drop.tsx'
import { FormField } from '#ui/kit/form-field.tsx'
import { Input } from '#ui/kit/input.tsx'
import { Facts, Grid, Stack } from '#ui/kit/page.tsx'
import { Select } from '#ui/kit/select.tsx'
import { api } from '#ui/lib/api.ts'
import { formatBytes, formatNumber } from '#ui/lib/format.ts'
import { fieldError } from '#ui/lib/problem.ts'
import { useAction } from '#ui/lib/use-action.ts'

type Format = NonNullable<UploadPackages['format']>
const formats: readonly Format[] = ['auto', 'dpkg', 'rpm', 'cyclonedx', 'spdx']
const most = 16_000_000
const dpkg = "dpkg-query -W -f '${Package}\\t${Version}\\t${Architecture}\\t${source:Package}\\t${source:Version}\\t${db:Status-Abbrev}\\n'"
const rpm = "rpm -qa --qf '%{NAME}\\t%{EPOCHNUM}:%{VERSION}-%{RELEASE}\\t%{ARCH}\\t%{SOURCERPM}\\n'"

/** Brings a host's package list or SBOM; it is matched at once, and no packet is sent. */
export function PackagesDialog({ asset, onClose }: { asset: AssetDetail; onClose: () => void }) {
  const [file, setFile] = useState<Readonly<{ name: string; text: string }> | null>(null)
  const [format, setFormat] = useState<Format>('auto')
  const [distribution, setDistribution] = useState('')
  const [origin, setOrigin] = useState('')
  const send = useAction(
    () => api.post<UploadedPackages>(`/assets/${asset.id}/packages`, {
      text: file?.text, ...(format === 'auto' ? {} : { format }), ...(distribution.trim() === '' ? {} : { distribution: distribution.trim() }), ...(origin.trim() === '' ? {} : { origin: origin.trim() }),
    }),
    { touches: ['asset', 'finding', 'dashboard', 'kb'], quiet: true },
  )
  const done = send.data
  return (
    <Dialog
      open
      onClose={onClose}
      title={t('software.upload_title')}
      description={t('software.upload_text')}
      width="lg"
      {...(done === undefined ? { onSubmit: () => send.mutate() } : {})}
      actions={done === undefined
        ? (
          <>
            <Button onClick={onClose}>{t('kit.cancel')}</Button>
            <Button type="submit" look="primary" busy={send.isPending} disabled={file === null}>{t('software.upload')}</Button>
          </>
        )
        : <Button look="primary" onClick={onClose}>{t('kit.done')}</Button>}
    >
      {done === undefined ? (
        <Stack>
          <FileDrop
            label={file === null ? t('software.drop') : `${file.name} · ${formatBytes(file.text.length)}`}
            hint={t('software.drop_hint')}
            most={most}
            onFile={(name, text) => setFile({ name, text })}
          />
          <details className="text-sm">
            <summary className="w-fit rounded-xs text-xs text-muted hover:text-ink">{t('software.commands')}</summary>
            <div className="mt-2 flex flex-col gap-2"><CopyField label="dpkg" text={dpkg} /><CopyField label="rpm" text={rpm} /></div>
          </details>
          <Grid columns={3}>
            <FormField label={t('software.format')} error={fieldError(send.error, 'format')}><Select value={format} onChange={setFormat} options={formats.map((value) => ({ value, label: word('package_format', value) }))} /></FormField>
            <FormField label={t('software.distribution')} optional={t('kit.optional')} error={fieldError(send.error, 'distribution')}><Input value={distribution} placeholder="Debian:12" maxLength={60} onChange={(event) => setDistribution(event.target.value)} /></FormField>
            <FormField label={t('software.origin')} optional={t('kit.optional')} error={fieldError(send.error, 'origin')}><Input value={origin} placeholder="dpkg" maxLength={60} onChange={(event) => setOrigin(event.target.value)} /></FormField>
          </Grid>
          {send.error !== null && <InlineError error={send.error} />}
        </Stack>
      ) : <Result done={done} />}
    </Dialog>
  )
}

/** What came of it; what could not be used is told, never left out in silence. */
function Result({ done }: { done: UploadedPackages }) {
  const { findings } = done
  return (
    <div role="status" className="flex flex-col gap-4 text-sm">
      <p className="font-medium">{t('software.uploaded', { n: done.total })}</p>
      {!done.matched && <p className="rounded-md bg-warn-soft px-3 py-2">{t('software.not_matched')}</p>}
      <Facts
        items={[
          [t('software.format'), word('package_format', done.format)],
          [t('software.origin'), done.origin],
          [t('software.added'), formatNumber(done.added)],
          [t('software.gone'), formatNumber(done.gone)],
          [t('nav.findings'), t('software.findings_line', { new: findings.new, reopened: findings.reopened, fixed: findings.fixed })],
          ...done.unused.map((one) => [<span key="reason">{t('sources.unused')}: {one.reason.replaceAll('-', ' ')}</span>, <span key="examples" className="text-muted [overflow-wrap:anywhere]">{formatNumber(one.count)} · {one.examples.slice(0, 3).join(', ')}</span>] as const),
        ]}
      />
    </div>
  )
}
