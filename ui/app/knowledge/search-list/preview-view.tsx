import type { Preview } from '#api/rest/search-lists/schemas.ts'
import { t } from '#ui/i18n/text.ts'
import { NameLink } from '#ui/kit/link.tsx'
import { SeverityMark } from '#ui/kit/severity.tsx'

/** What a list holds, and what of it is open here. */
export function PreviewView({ preview }: { preview: Preview }) {
  return (
    <div className="flex flex-col gap-2" role="status">
      <p className="text-sm"><span className="font-medium">{t('lists.holds', { n: preview.count })}</span>{preview.findings > 0 && <span className="text-muted">, {t('lists.open_here', { findings: preview.findings, hosts: preview.hosts })}</span>}</p>
      {preview.unknown.length > 0 && <p className="text-xs text-warn [overflow-wrap:anywhere]">{t('lists.unknown', { n: preview.unknown.length, names: preview.unknown.slice(0, 8).join(', ') })}</p>}
      <ul className="flex flex-col">
        {preview.items.slice(0, 12).map((one) => (
          <li key={one.id} className="flex min-w-0 items-center gap-2 border-b border-line py-1.5 text-sm last:border-0">
            <SeverityMark level={one.severity} />
            <NameLink to="/kb/checks/$id" params={{ id: String(one.id) }} className="min-w-0 flex-1 truncate">{one.title}</NameLink>
          </li>
        ))}
      </ul>
      {preview.count > 12 && <p className="text-xs text-faint">{t('kb.and_more', { n: preview.count - Math.min(12, preview.items.length) })}</p>}
    </div>
  )
}
