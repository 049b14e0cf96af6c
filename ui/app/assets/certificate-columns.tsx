import type { TlsEndpoint, TlsSummary } from '#api/rest/certificates/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { Badge } from '#ui/kit/badge.tsx'
import type { Column } from '#ui/kit/data-table.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { useNow } from '#ui/kit/time.tsx'
import { classes } from '#ui/lib/class-names.ts'
import { hostText } from '#ui/lib/counts.ts'
import { formatDate, formatNumber } from '#ui/lib/format.ts'
import type { QueryField } from '#ui/lib/query-text.ts'

const day = 86_400_000
const tones: Readonly<Record<string, string>> = { 'A+': 'bg-good-soft text-good', 'A': 'bg-good-soft text-good', 'A-': 'bg-good-soft text-good', 'B': 'bg-warn-soft text-warn', 'C': 'bg-warn-soft text-warn' }
const fills: Readonly<Record<string, string>> = { 'A+': 'var(--good)', 'A': 'var(--good)', 'A-': 'var(--good)', 'B': 'var(--warn)', 'C': 'var(--warn)' }

/** The letter people know; T and M stand for a certificate that cannot be trusted, whatever the rest is worth. */
export function GradeMark({ grade }: { grade: string | null }) {
  if (grade === null) return <span className="text-faint">–</span>
  return <span title={t('certificates.grade', { grade })} className={classes('tabular inline-flex h-5 min-w-7 items-center justify-center rounded-sm px-1.5 text-xs font-semibold', tones[grade] ?? 'bg-danger-soft text-danger')}>{grade}</span>
}

/** How far away the end is, since that is what people plan by. */
export function Expiry({ at }: { at: string | null | undefined }) {
  const now = useNow()
  if (at === null || at === undefined) return <span className="text-faint">–</span>
  const left = Date.parse(at) - now
  const days = Math.floor(Math.abs(left) / day)
  const text = days === 0 ? t(left < 0 ? 'certificates.ended_today' : 'certificates.ends_today') : t(left < 0 ? 'certificates.ended' : 'certificates.ends', { n: days, days: formatNumber(days) })
  return <span title={formatDate(at)} className={classes('tabular', left < 0 ? 'text-danger' : days <= 30 ? 'text-warn' : 'text-muted')}>{text}</span>
}

/** `CN` of the subject, the first name it is for, or the whole. */
export function commonName({ certificate }: TlsEndpoint): string {
  if (certificate === null) return t('certificates.no_certificate')
  return /(?:^|[,/\n])\s*CN ?= ?([^,/\n]+)/.exec(certificate.subject)?.[1] ?? certificate.names[0] ?? certificate.subject
}

function issuerName({ certificate }: TlsEndpoint): string {
  if (certificate === null) return '–'
  return certificate.selfSigned ? t('certificates.self_signed') : /(?:^|[,/\n])\s*(?:O|CN) ?= ?([^,/\n]+)/.exec(certificate.issuer)?.[1] ?? certificate.issuer
}

/** `RSA 2048`: names of algorithms are written in capitals. */
export function keyText(key: string): string {
  return key.replace(/^(?:rsa|ec|dsa)\b/, (name) => name.toUpperCase())
}

export const endpointColumns: readonly Column<TlsEndpoint>[] = [
  { id: 'subject', header: t('certificates.subject'), width: '2fr', fixed: true, cell: (row) => <span className="font-medium">{commonName(row)}</span> },
  { id: 'host', header: t('column.host'), width: '1.5fr', cell: (row) => <NameLink to="/assets/$id" params={{ id: row.asset.id }} className="tabular">{row.host ?? hostText(row.asset)}:{row.port}</NameLink> },
  { id: 'grade', header: t('certificates.grade_column'), width: 80, cell: (row) => <GradeMark grade={row.grade} /> },
  { id: 'expires', header: t('certificates.expires'), width: 150, sort: 'expires', cell: (row) => <Expiry at={row.certificate?.notAfter} /> },
  { id: 'issuer', header: t('certificates.issuer'), width: '1fr', cell: (row) => <span className="text-muted">{issuerName(row)}</span> },
  { id: 'key', header: t('certificates.key'), width: 120, cell: (row) => <span className="tabular text-muted">{row.certificate === null ? '–' : keyText(row.certificate.key)}</span> },
  { id: 'places', header: t('certificates.places'), width: 90, align: 'right', cell: (row) => <span className="tabular text-muted">{row.certificate === null ? '–' : formatNumber(row.certificate.places)}</span> },
]

export function EndpointCompact({ row }: { row: TlsEndpoint }) {
  return (
    <div className="flex items-center gap-3">
      <div className="min-w-0 flex-1">
        <p className="truncate font-medium">{commonName(row)}</p>
        <p className="tabular truncate text-xs text-muted">{row.host ?? hostText(row.asset)}:{row.port} · <Expiry at={row.certificate?.notAfter} /></p>
      </div>
      <GradeMark grade={row.grade} />
    </div>
  )
}

/** The grades of all endpoints as one bar; a letter filters. */
export function Grades({ grades, query, onChange }: { grades: TlsSummary['grades']; query: string; onChange: (query: string) => void }) {
  const total = grades.reduce((sum, one) => sum + one.n, 0)
  return (
    <div className="col-span-2 flex min-w-0 flex-col justify-center gap-2 rounded-lg border border-line bg-surface px-4 py-3 lg:col-span-1">
      <span className="text-xs font-medium text-muted">{t('certificates.grades')}</span>
      <div className="flex h-2 overflow-hidden rounded-full bg-pressed" aria-hidden>{grades.map((one) => <span key={one.grade} className="min-w-0.5" style={{ flexGrow: one.n / Math.max(1, total), background: fills[one.grade] ?? 'var(--danger)' }} />)}</div>
      <div className="flex flex-wrap gap-1">
        {grades.map((one) => {
          const term = `grade:${one.grade}`
          return <button key={one.grade} type="button" aria-pressed={query === term} onClick={() => onChange(query === term ? '' : term)} className="tabular rounded-sm px-1 text-xs text-muted hover:bg-hover hover:text-ink aria-pressed:bg-pressed aria-pressed:text-ink"><span className="font-semibold">{one.grade}</span> {formatNumber(one.n)}</button>
        })}
      </div>
    </div>
  )
}

export function Protocols({ list }: { list: readonly string[] }) {
  return <span className="flex flex-wrap gap-1">{list.map((one) => <Badge key={one} tone={/^(SSL|TLSv1\.[01]$)/.test(one) ? 'warn' : 'plain'}>{one.replace('TLSv', 'TLS ').replace('SSLv', 'SSL ')}</Badge>)}</span>
}

export const endpointFields: readonly QueryField[] = [
  { name: 'days', about: t('certificates.field_days') },
  { name: 'expires', about: t('certificates.field_expires') },
  { name: 'grade', about: t('certificates.field_grade'), values: ['A+', 'A', 'A-', 'B', 'C', 'D', 'E', 'F', 'T', 'M'].map((value) => ({ value, label: value })) },
  { name: 'subject', about: t('certificates.subject') },
  { name: 'issuer', about: t('certificates.issuer') },
  { name: 'name', about: t('certificates.field_name') },
  { name: 'protocol', about: t('certificates.protocols') },
  { name: 'key', about: t('certificates.key') },
  { name: 'trusted', about: t('certificates.field_trusted') },
  { name: 'selfsigned', about: t('certificates.self_signed') },
  { name: 'host', about: t('field.host') },
  { name: 'port', about: t('field.open_port') },
]
