import { FileUp } from 'lucide-react'
import { useRef, useState, type ReactNode } from 'react'
import { t } from '#ui/i18n/text.ts'
import { classes } from '#ui/lib/class-names.ts'
import { Button } from './button.tsx'

/** Takes a file by drop or by choice; `most` in bytes. What is in it is the owner's business. */
export function FileDrop({ label, hint, most, onFile, accept, busy = false }: { label: string; hint: ReactNode; most: number; onFile: (name: string, text: string) => void; accept?: string; busy?: boolean }) {
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [wrong, setWrong] = useState<string | null>(null)
  const take = async (file: File | undefined) => {
    if (file === undefined) return
    if (file.size > most) return setWrong(t('kit.file_too_large', { most: Math.round(most / 1_000_000) }))
    setWrong(null)
    onFile(file.name, await file.text())
  }
  return (
    // Dropping is a second way: the button does the same for the keyboard.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      role="group"
      aria-label={label}
      onDragOver={(event) => { event.preventDefault(); setOver(true) }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => { event.preventDefault(); setOver(false); void take(event.dataTransfer.files[0]) }}
      className={classes('flex flex-col items-center gap-2 rounded-lg border border-dashed px-6 py-6 text-center transition-colors', over ? 'border-accent bg-accent-soft' : 'border-line-strong bg-surface')}
    >
      <FileUp className="size-5 text-faint" aria-hidden />
      <p className="text-sm font-medium">{label}</p>
      <div className="max-w-md text-xs text-muted">{hint}</div>
      <Button size="sm" busy={busy} onClick={() => input.current?.click()}>{t('kit.choose_file')}</Button>
      <input ref={input} type="file" className="hidden" tabIndex={-1} aria-hidden accept={accept} onChange={(event) => { void take(event.target.files?.[0]); event.target.value = '' }} />
      {wrong !== null && <p role="alert" className="text-xs text-danger">{wrong}</p>}
    </div>
  )
}
