import { classes } from '#ui/lib/class-names.ts'

const apple = /Mac|iPhone|iPad/.test(navigator.platform)

/** Keys as people read them: `mod+k` is ⌘K on a Mac and Ctrl K elsewhere; `g h` is one after the other. */
export function KeyHint({ keys, inverse = false }: { keys: string; inverse?: boolean }) {
  const names = keys.split(/[+ ]/).map((key) => {
    if (key === 'mod') return apple ? '⌘' : 'Ctrl'
    if (key === 'enter') return '↵'
    if (key === 'esc') return 'Esc'
    if (key === 'shift') return '⇧'
    return key.length === 1 ? key.toUpperCase() : key
  })
  return (
    <span className="inline-flex gap-0.5" aria-hidden>
      {names.map((name, index) => (
        <kbd
          // oxlint-disable-next-line react/no-array-index-key
          key={index}
          className={classes(
            'inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-xs border px-1 font-sans text-2xs leading-none',
            inverse ? 'border-current/25' : 'border-line bg-sunken text-faint',
          )}
        >
          {name}
        </kbd>
      ))}
    </span>
  )
}
