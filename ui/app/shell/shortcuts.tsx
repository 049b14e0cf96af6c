import { t, type TextKey } from '#ui/i18n/text.ts'
import { Dialog } from '#ui/kit/dialog.tsx'
import { KeyHint } from '#ui/kit/key-hint.tsx'

const keys: readonly (readonly [string, TextKey])[] = [
  ['mod+k', 'keys.palette'], ['/', 'keys.filter'], ['j', 'keys.down'], ['k', 'keys.up'], ['enter', 'keys.open'], ['x', 'keys.select'], ['esc', 'keys.close'],
  ['g h', 'keys.go'], ['?', 'keys.this'],
]

export function Shortcuts({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={t('keys.title')} width="sm">
      <dl className="grid grid-cols-[1fr_auto] gap-y-2.5 text-sm">
        {keys.map(([key, name]) => (
          <div key={key} className="contents">
            <dt className="text-muted">{t(name)}</dt>
            <dd><KeyHint keys={key} /><span className="sr-only">{key}</span></dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
