import { t, type TextKey } from '#ui/i18n/text.ts'
import { Dialog } from '#ui/kit/dialog.tsx'
import { KeyHint } from '#ui/kit/key-hint.tsx'
import type { Room } from './rooms.ts'

const keys: readonly (readonly [string, TextKey])[] = [
  ['mod+k', 'keys.palette'], ['/', 'keys.filter'], ['j', 'keys.down'], ['k', 'keys.up'], ['enter', 'keys.open'], ['x', 'keys.select'], ['esc', 'keys.close'], ['?', 'keys.this'],
]

/** What the keyboard can do here; rooms by the two keys that really lead to them. */
export function Shortcuts({ open, onClose, rooms }: { open: boolean; onClose: () => void; rooms: readonly Room[] }) {
  return (
    <Dialog open={open} onClose={onClose} title={t('keys.title')} width="sm">
      <div className="flex flex-col gap-5">
        <Keys title={t('keys.everywhere')} keys={keys.map(([key, name]) => [key, t(name)])} />
        <Keys title={t('keys.rooms')} keys={rooms.map((room) => [room.keys, t(room.name)])} />
      </div>
    </Dialog>
  )
}

function Keys({ title, keys: listed }: { title: string; keys: readonly (readonly [string, string])[] }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-2 text-xs font-semibold text-faint">{title}</h3>
      <dl className="grid grid-cols-[1fr_auto] gap-y-2 text-sm">
        {listed.map(([key, name]) => (
          <div key={key} className="contents">
            <dt className="text-muted">{name}</dt>
            <dd><KeyHint keys={key} /><span className="sr-only">{key}</span></dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
