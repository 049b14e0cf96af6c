import { t, word } from '#ui/i18n/text.ts'
import { severityName } from '#ui/kit/severity.tsx'
import type { QueryField } from '#ui/lib/query-text.ts'

/** What the finding query language knows (docs/user/findings.md), for the query bar. */
export const findingFields: readonly QueryField[] = [
  { name: 'severity', about: t('field.severity'), values: [5, 4, 3, 2, 1].map((level) => ({ value: String(level), label: severityName(level) })) },
  { name: 'status', about: t('field.status'), values: ['new', 'active', 'reopened', 'fixed'].map((value) => ({ value, label: word('status', value) })) },
  { name: 'type', about: t('field.type'), values: ['confirmed', 'potential', 'information'].map((value) => ({ value, label: word('type', value) })) },
  { name: 'host', about: t('field.host') },
  { name: 'port', about: t('field.port') },
  { name: 'cve', about: t('field.cve') },
  { name: 'check', about: t('field.check') },
  { name: 'category', about: t('field.category') },
  { name: 'group', about: t('field.group') },
  { name: 'product', about: t('field.product') },
  { name: 'network', about: t('field.network') },
  { name: 'score', about: t('field.score') },
  { name: 'package', about: t('field.package') },
  { name: 'disabled', about: t('field.disabled'), values: [{ value: 'true', label: t('kit.yes') }, { value: 'false', label: t('kit.no') }] },
  { name: 'list', about: t('field.list') },
  { name: 'ignored', about: t('field.ignored'), values: [{ value: 'true', label: t('field.ignored_true') }, { value: 'false', label: t('field.ignored_false') }] },
  { name: 'first', about: t('field.first') },
  { name: 'last', about: t('field.last') },
]
