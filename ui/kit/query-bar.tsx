import { Search, X } from 'lucide-react'
import { useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from 'react'
import { t } from '#ui/i18n/text.ts'
import { classes } from '#ui/lib/class-names.ts'
import { useHotkeys } from '#ui/lib/hotkeys.ts'
import { queryTokens, quoteValue, type QueryField } from '#ui/lib/query-text.ts'
import { Button } from './button.tsx'
import { EmptyState } from './empty-state.tsx'
import { controlClass } from './input.tsx'
import { KeyHint } from './key-hint.tsx'

type Offer = Readonly<{ insert: string; label: string; about: string; done: boolean }>

/**
 * One line that narrows a list: `severity:5 status:new "free text"`. Fields and values are offered while typing; enter or a
 * pause applies it. `error` is what the platform says of it.
 */
export function QueryBar({ value, onChange, fields, placeholder, error, label }: {
  value: string
  onChange: (value: string) => void
  fields: readonly QueryField[]
  placeholder: string
  error?: string | undefined
  label: string
}) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(value)
  const [open, setOpen] = useState(false)
  const [caret, setCaret] = useState(0)
  const [active, setActive] = useState(-1)
  const sent = useRef(value)
  // A change that came from elsewhere (a facet, the back button) replaces what stands here.
  useEffect(() => {
    if (value === sent.current) return
    sent.current = value
    setText(value)
  }, [value])
  const apply = (next: string) => {
    // Leaving the field, or its pause after Enter, asks for nothing new: the open row and the selection stay.
    if (next.trim() === sent.current) return
    sent.current = next.trim()
    onChange(next.trim())
  }
  useEffect(() => {
    if (text.trim() === sent.current || text.endsWith(':')) return
    const timer = setTimeout(() => apply(text), 350)
    return () => clearTimeout(timer)
    // oxlint-disable-next-line react/exhaustive-deps -- `apply` is new on every render and would restart the pause
  }, [text])
  useHotkeys({ '/': () => input.current?.focus() })

  const token = queryTokens(text).find((part) => caret >= part.from && caret <= part.to)
  const offers = useMemo((): Offer[] => {
    const typed = token?.text ?? ''
    const colon = typed.indexOf(':')
    if (colon < 0) {
      return fields
        .filter((field) => field.name.toLowerCase().startsWith(typed.toLowerCase()))
        .map((field) => ({ insert: `${field.name}:`, label: `${field.name}:`, about: field.about, done: false }))
    }
    const field = fields.find((one) => one.name === typed.slice(0, colon))
    const begun = typed.slice(colon + 1).replace(/^"/, '').toLowerCase()
    return (field?.values ?? [])
      .filter((one) => one.value.toLowerCase().includes(begun) || one.label.toLowerCase().includes(begun))
      .slice(0, 10)
      .map((one) => ({ insert: `${field!.name}:${quoteValue(one.value)} `, label: one.value, about: one.label === one.value ? '' : one.label, done: true }))
  }, [fields, token?.text])
  // After a finished term the list would only stand in the way; the arrow key brings it back.
  const shown = open && offers.length > 0 && (token !== undefined || text === '' || active >= 0) && !(offers.length === 1 && offers[0]!.insert.trim() === token?.text)

  const take = (offer: Offer) => {
    const from = token?.from ?? caret
    const to = token?.to ?? caret
    const next = `${text.slice(0, from)}${offer.insert}${text.slice(to).replace(/^\s/, '')}`
    setText(next)
    setActive(-1)
    setCaret(from + offer.insert.length)
    if (offer.done) apply(next)
    requestAnimationFrame(() => input.current?.setSelectionRange(from + offer.insert.length, from + offer.insert.length))
  }
  const press = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' && offers.length > 0) {
      event.preventDefault()
      setOpen(true)
      setActive((active + 1) % offers.length)
    } else if (event.key === 'ArrowUp' && shown) {
      event.preventDefault()
      setActive((active - 1 + offers.length) % offers.length)
    } else if ((event.key === 'Enter' || event.key === 'Tab') && shown && active >= 0) {
      event.preventDefault()
      take(offers[active]!)
    } else if (event.key === 'Enter') {
      apply(text)
      setOpen(false)
    } else if (event.key === 'Escape') {
      if (shown) setOpen(false)
      else input.current?.blur()
    }
  }

  return (
    <div className="relative min-w-0 flex-1">
      <Search className="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" aria-hidden />
      <input
        ref={input}
        type="text"
        role="combobox"
        aria-label={label}
        aria-expanded={shown}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={active >= 0 && shown ? `${id}-${active}` : undefined}
        aria-invalid={error !== undefined || undefined}
        aria-describedby={error === undefined ? undefined : `${id}-error`}
        spellCheck={false}
        autoComplete="off"
        autoCapitalize="off"
        placeholder={placeholder}
        value={text}
        onChange={(event) => { setText(event.target.value); setCaret(event.target.selectionStart ?? 0); setOpen(true); setActive(-1) }}
        onSelect={(event) => setCaret(event.currentTarget.selectionStart ?? 0)}
        onFocus={() => setOpen(true)}
        onBlur={() => { setOpen(false); apply(text) }}
        onKeyDown={press}
        className={classes(controlClass, 'h-8 pr-14 pl-8 text-sm', error !== undefined && 'border-danger!')}
      />
      <span className="absolute top-1 right-1.5 flex h-6 items-center">
        {text === '' ? <span className="max-sm:hidden"><KeyHint keys="/" /></span> : (
          <button type="button" aria-label={t('kit.clear')} onClick={() => { setText(''); apply(''); input.current?.focus() }} className="flex size-6 items-center justify-center rounded-sm text-faint hover:bg-hover hover:text-ink">
            <X className="size-3.5" aria-hidden />
          </button>
        )}
      </span>
      {error !== undefined && <p id={`${id}-error`} role="alert" className="absolute top-full z-10 mt-1 rounded-sm bg-danger-soft px-2 py-0.5 text-xs text-danger">{error}</p>}
      <div id={`${id}-list`} role="listbox" aria-label={label} hidden={!shown} className="popup absolute top-full left-0 z-30 mt-1 max-h-80 w-full max-w-lg overflow-y-auto p-1">
        {shown && offers.map((offer, index) => (
          // The field keeps the focus; this is its list.
          // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
          <div
            key={offer.insert}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => take(offer)}
            className={classes('flex h-7 items-center justify-between gap-4 rounded-sm px-2 text-sm', index === active ? 'bg-hover' : 'hover:bg-hover')}
          >
            <span className="font-mono text-xs text-accent-ink">{offer.label}</span>
            <span className="truncate text-xs text-faint">{offer.about}</span>
          </div>
        ))}
      </div>
    </div>
  )
}

/** In place of the list while the platform cannot read the query; the bar says why. */
export function BadQuery({ onClear }: { onClear: () => void }) {
  return <EmptyState title={t('kit.bad_query')} actions={<Button onClick={onClear}>{t('findings.clear_filter')}</Button>}>{t('kit.bad_query_text')}</EmptyState>
}
