import { Dialog } from '@base-ui/react/dialog'
import { useQuery } from '@tanstack/react-query'
import { CornerDownLeft, Search } from 'lucide-react'
import { useEffect, useId, useMemo, useState, type KeyboardEvent, type ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { KeyHint } from '#ui/kit/key-hint.tsx'
import { Spinner } from '#ui/kit/progress.tsx'
import { classes } from '#ui/lib/class-names.ts'

export type Command = Readonly<{ id: string; group: string; label: string; detail?: string; icon?: ReactNode; keys?: string; run: () => void }>

/** Finds pages, things and deeds by a few letters. `search` asks the platform for things once two letters are there. */
export function CommandPalette({ open, onClose, commands, search }: { open: boolean; onClose: () => void; commands: readonly Command[]; search: (text: string, signal: AbortSignal) => Promise<readonly Command[]> }) {
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-scrim transition-opacity data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup aria-label={t('palette.title')} className="popup fixed top-[10vh] left-1/2 z-50 flex max-h-[70vh] w-[min(40rem,calc(100vw-1.5rem))] -translate-x-1/2 flex-col overflow-hidden rounded-xl! shadow-3!">
          <Palette onClose={onClose} commands={commands} search={search} />
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

/** Letters in order, the nearer to word beginnings the better; null when they are not all there. */
export function rank(label: string, typed: string): number | null {
  const text = label.toLowerCase()
  const wanted = typed.toLowerCase().trim()
  if (wanted === '') return 0
  const at = text.indexOf(wanted)
  if (at === 0) return 3
  if (at > 0) return /\W/.test(text[at - 1]!) ? 2 : 1
  let from = 0
  for (const letter of wanted) {
    from = text.indexOf(letter, from) + 1
    if (from === 0) return null
  }
  return 0.5
}

function Palette({ onClose, commands, search }: { onClose: () => void; commands: readonly Command[]; search: (text: string, signal: AbortSignal) => Promise<readonly Command[]> }) {
  const id = useId()
  const [text, setText] = useState('')
  const [asked, setAsked] = useState('')
  const [active, setActive] = useState(0)
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 160)
    return () => clearTimeout(timer)
  }, [text])
  const found = useQuery({ queryKey: ['palette', asked], queryFn: ({ signal }) => search(asked, signal), enabled: asked.length >= 2, staleTime: 10_000, placeholderData: (before) => before })
  const shown = useMemo(() => {
    const own = commands
      .map((command) => ({ command, score: rank(command.label, text) }))
      .filter((entry): entry is { command: Command; score: number } => entry.score !== null)
    // A stable order of groups; within a group, the best first.
    const ordered = text.trim() === '' ? own : own.toSorted((a, b) => b.score - a.score)
    const all = [...ordered.map((entry) => entry.command), ...(text.trim().length >= 2 ? (found.data ?? []) : [])]
    const groups = Map.groupBy(all, (command) => command.group)
    return [...groups].map(([group, list]) => ({ group, list: list.slice(0, 8) }))
  }, [commands, text, found.data])
  const flat = shown.flatMap((entry) => entry.list)
  const at = Math.min(active, flat.length - 1)
  useEffect(() => {
    document.getElementById(`${id}-${at}`)?.scrollIntoView({ block: 'nearest' })
  }, [at, id])

  const run = (command: Command | undefined) => {
    if (command === undefined) return
    onClose()
    command.run()
  }
  const press = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowDown' || (event.ctrlKey && event.key === 'n') ? 1 : event.key === 'ArrowUp' || (event.ctrlKey && event.key === 'p') ? -1 : 0
    if (step !== 0) {
      event.preventDefault()
      setActive((at + step + flat.length) % Math.max(1, flat.length))
    } else if (event.key === 'Enter') {
      event.preventDefault()
      run(flat[at])
    }
  }
  let index = -1
  return (
    <>
      <div className="flex items-center gap-2.5 border-b border-line px-4">
        <Search className="size-4 shrink-0 text-faint" aria-hidden />
        <input
          type="text"
          // The dialog exists to be typed into.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={at >= 0 ? `${id}-${at}` : undefined}
          aria-label={t('palette.title')}
          placeholder={t('palette.placeholder')}
          value={text}
          onChange={(event) => { setText(event.target.value); setActive(0) }}
          onKeyDown={press}
          spellCheck={false}
          autoComplete="off"
          className="h-12 w-full bg-transparent text-base outline-none placeholder:text-faint"
        />
        {found.isFetching && <span className="text-faint"><Spinner /></span>}
        <KeyHint keys="esc" />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label={t('palette.title')} className="min-h-0 flex-1 overflow-y-auto p-1.5">
        {shown.map(({ group, list }) => (
          <div key={group} role="group" aria-label={group}>
            <p className="px-2.5 pt-2 pb-1 text-2xs font-medium text-faint" aria-hidden>{group}</p>
            {list.map((command) => {
              index++
              const here = index
              return (
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the field keeps the focus
                <div
                  key={command.id}
                  id={`${id}-${here}`}
                  role="option"
                  aria-selected={here === at}
                  onMouseMove={() => setActive(here)}
                  onClick={() => run(command)}
                  className={classes('flex min-h-9 items-center gap-2.5 rounded-md px-2.5 py-1 text-sm [&_svg]:size-4 [&_svg]:shrink-0', here === at && 'bg-hover')}
                >
                  <span className="text-faint">{command.icon}</span>
                  <span className="min-w-0 flex-1 truncate">{command.label}</span>
                  {command.detail !== undefined && <span className="max-w-[40%] truncate text-xs text-faint">{command.detail}</span>}
                  {command.keys !== undefined && <KeyHint keys={command.keys} />}
                  {here === at && <CornerDownLeft className="text-faint" aria-hidden />}
                </div>
              )
            })}
          </div>
        ))}
        {flat.length === 0 && <p className="px-3 py-8 text-center text-sm text-muted">{found.isFetching ? t('kit.loading') : t('palette.nothing', { text: text.trim() })}</p>}
      </div>
    </>
  )
}
