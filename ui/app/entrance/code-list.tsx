import { Copy, Download } from 'lucide-react'
import { t } from '#ui/i18n/text.ts'
import { Button } from '#ui/kit/button.tsx'
import { copyText } from '#ui/kit/copy-field.tsx'
import { Row, Stack } from '#ui/kit/page.tsx'
import { toast } from '#ui/kit/toast.tsx'
import { saveText } from '#ui/lib/save.ts'

/** Codes that are shown once. */
export function CodeList({ codes, name }: { codes: readonly string[]; name: string }) {
  const text = `${codes.join('\n')}\n`
  return (
    <Stack gap={3}>
      <ol className="grid grid-cols-[repeat(auto-fill,minmax(12.5rem,1fr))] gap-x-4 gap-y-1 rounded-md border border-line bg-sunken p-3 font-mono text-xs">
        {codes.map((code) => <li key={code} className="select-all">{code}</li>)}
      </ol>
      <Row>
        <Button size="sm" icon={<Copy aria-hidden />} onClick={() => void copyText(text).then(() => toast(t('kit.copied')))}>{t('kit.copy')}</Button>
        <Button size="sm" icon={<Download aria-hidden />} onClick={() => saveText(name, text)}>{t('kit.download')}</Button>
      </Row>
    </Stack>
  )
}
