import type { TlsEndpoint } from '#api/rest/certificates/schemas.ts'
import { catalogued, t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { NameLink } from '#ui/kit/link.tsx'
import { Facts, Row, Stack } from '#ui/kit/page.tsx'
import { DateTime, RelativeTime } from '#ui/kit/time.tsx'
import { hostText } from '#ui/lib/counts.ts'
import { Expiry, GradeMark, keyText, Protocols } from './certificate-columns.tsx'

/** One endpoint: why its grade is no better, and what its certificate says. */
export function EndpointPanel({ endpoint, onSame }: { endpoint: TlsEndpoint; onSame: (sha256: string) => void }) {
  const { certificate } = endpoint
  return (
    <div className="min-h-0 flex-1 overflow-y-auto p-4">
      <Stack gap={6}>
        <Row gap={3} wrap>
          <GradeMark grade={endpoint.grade} />
          {endpoint.otherwise !== null && endpoint.otherwise !== endpoint.grade && <span className="text-sm text-muted">{t('certificates.otherwise', { grade: endpoint.otherwise })}</span>}
          {endpoint.score !== null && <span className="tabular text-sm text-muted">{t('certificates.score', { score: endpoint.score })}</span>}
          <NameLink to="/assets/$id" params={{ id: endpoint.asset.id }} className="tabular text-sm">{endpoint.host ?? hostText(endpoint.asset)}:{endpoint.port}</NameLink>
        </Row>
        {endpoint.reasons.length > 0 && (
          <Stack gap={1}>
            <h2 className="text-xs font-semibold text-muted">{t('certificates.reasons')}</h2>
            <ul className="flex flex-col gap-1.5 text-sm">{endpoint.reasons.map((reason) => <li key={reason.code} className="flex items-baseline gap-2"><GradeMark grade={reason.cap} /><span>{reason.code === 'untrusted' ? trustText(endpoint.certificate?.trustError ?? null) : reason.text}</span></li>)}</ul>
          </Stack>
        )}
        <Facts
          items={[
            [t('certificates.protocols'), <Protocols key="protocols" list={endpoint.protocols} />],
            endpoint.starttls !== null && ['STARTTLS', endpoint.starttls],
            [t('column.last'), <RelativeTime key="seen" at={endpoint.lastSeenAt} />],
          ]}
        />
        {certificate === null ? <p className="text-sm text-muted">{t('certificates.unread')}</p> : (
          <Stack gap={2}>
            <h2 className="text-xs font-semibold text-muted">{t('certificates.one')}</h2>
            <Facts
              items={[
                [t('certificates.subject'), certificate.subject],
                [t('certificates.issuer'), certificate.issuer],
                [t('certificates.names'), certificate.names.length === 0 ? '–' : certificate.names.join(', ')],
                [t('certificates.from'), certificate.notBefore === null ? '–' : <DateTime key="from" at={certificate.notBefore} />],
                [t('certificates.expires'), certificate.notAfter === null ? '–' : <span key="to"><DateTime at={certificate.notAfter} /> <Expiry at={certificate.notAfter} /></span>],
                [t('certificates.key'), keyText(certificate.key)],
                [t('certificates.signature'), certificate.signatureAlgorithm],
                [t('certificates.trust'), certificate.trusted ? t('certificates.trusted') : trustText(certificate.trustError)],
                ['SHA-256', <span key="hash" className="font-mono text-xs break-all">{certificate.sha256}</span>],
              ]}
            />
            {certificate.places > 1 && <span><Button size="sm" onClick={() => onSame(certificate.sha256)}>{t('certificates.same', { n: certificate.places })}</Button></span>}
          </Stack>
        )}
      </Stack>
    </div>
  )
}

/** Why nobody trusts it, in words; the code itself where there are none for it. */
function trustText(code: string | null): string {
  if (code === null) return t('certificates.not_trusted')
  return catalogued('trust_error', code) ?? `${t('certificates.not_trusted')} (${code})`
}
