import { randomBytes } from 'node:crypto'
import type { Call, CallbackPlace } from './callbacks.ts'

const letters = 'abcdefghijklmnopqrstuvwxyz234567'
/** 26 letters of 5 bits: nobody guesses one, and it fits into one label of a name. */
const length = 26
const tokensMost = 50_000
const perHostMost = 4000
const callsMost = 8

/** Tokens that were given out, by host, and what came for each. All are bounded, and go when their host is done. */
export interface Tokens {
  give(host: string): string | null
  /** The token in force that stands in a text, if any; only the first few candidates are looked at. */
  find(text: string): string | null
  note(token: string, call: Call): void
  calls(token: string): readonly Call[]
  wait(place: CallbackPlace, ms: number, signal: AbortSignal): Promise<readonly Call[]>
  drop(host: string): void
  readonly size: number
}

export function openTokens(): Tokens {
  const known = new Map<string, { calls: Call[]; waiting: Set<() => void> }>()
  const hosts = new Map<string, string[]>()
  const callsOf = (token: string): readonly Call[] => [...(known.get(token)?.calls ?? [])]
  return {
    get size() {
      return known.size
    },
    give(host) {
      const own = hosts.get(host) ?? []
      if (known.size >= tokensMost || own.length >= perHostMost) return null
      const token = Array.from(randomBytes(length), (byte) => letters[byte & 31]).join('')
      known.set(token, { calls: [], waiting: new Set() })
      own.push(token)
      hosts.set(host, own)
      return token
    },
    find(text) {
      let looked = 0
      for (const [part] of text.toLowerCase().matchAll(/[a-z2-7]{26}/g)) {
        if (known.has(part)) return part
        if (++looked >= 50) break
      }
      return null
    },
    note(token, call) {
      const entry = known.get(token)
      if (entry === undefined || entry.calls.length >= callsMost) return
      entry.calls.push(call)
      for (const wake of entry.waiting) wake()
    },
    calls: callsOf,
    wait({ token }, ms, signal) {
      const entry = known.get(token)
      if (entry === undefined || entry.calls.length > 0 || signal.aborted) return Promise.resolve(callsOf(token))
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer)
          entry.waiting.delete(end)
          signal.removeEventListener('abort', end)
          resolve(callsOf(token))
        }
        const timer = setTimeout(end, ms)
        entry.waiting.add(end)
        signal.addEventListener('abort', end, { once: true })
      })
    },
    drop(host) {
      for (const token of hosts.get(host) ?? []) {
        for (const wake of known.get(token)?.waiting ?? []) wake()
        known.delete(token)
      }
      hosts.delete(host)
    },
  }
}
