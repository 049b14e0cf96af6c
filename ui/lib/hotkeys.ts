import { useEffect, useEffectEvent } from 'react'

/** A key in a field is text, never a command. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || target.closest('[role="dialog"],[role="menu"],[role="listbox"]') !== null)
}

/** Begins a pair: what follows it within the time is never a command of its own, whoever listens. */
const leaders = new Set(['g'])

/** Keys of the whole page: `mod+k`, `/`, `?`, or two after the other as `g h`. */
export function useHotkeys(keys: Readonly<Record<string, (event: KeyboardEvent) => void>>): void {
  const commandOf = useEffectEvent((pair: string, name: string) => keys[pair] ?? (leaders.has(pair.split(' ')[0]!) ? undefined : keys[name]))
  useEffect(() => {
    let before = ''
    let beforeAt = 0
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.altKey) return
      const mod = event.metaKey || event.ctrlKey
      const key = event.key.toLowerCase()
      const name = mod ? `mod+${key}` : key
      if (!mod && isTyping(event.target)) return
      const pair = event.timeStamp - beforeAt < 900 ? `${before} ${key}` : ''
      const run = commandOf(pair, name)
      before = key
      beforeAt = event.timeStamp
      if (run === undefined) return
      event.preventDefault()
      run(event)
    }
    document.addEventListener('keydown', press)
    return () => document.removeEventListener('keydown', press)
  }, [])
}
