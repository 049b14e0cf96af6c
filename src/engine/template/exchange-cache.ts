import { createHash } from 'node:crypto'
import { isUsual } from '../http/message/request.ts'
import { failed, type Failure } from '../net.ts'
import type { HttpExchange, HttpRequest } from '../http/wire.ts'

/** Bytes of answers kept for all web roots that are looked at by one process: many side by side cost what one does. */
const bytesMost = 12_582_912

/** Answers of one web root by the exact request, so that what many templates ask is sent once. */
export interface ExchangeCache {
  get(request: HttpRequest): Promise<HttpExchange | Failure> | undefined
  put(request: HttpRequest, answer: Promise<HttpExchange | Failure>): void
  /** Drops all of this web root. */
  close(): void
}

export type ExchangeStore = Readonly<{ open(): ExchangeCache; readonly bytes: number }>

type Entry = { readonly answer: Promise<HttpExchange | Failure>; size: number; readonly drop: () => void }

const stores = new WeakMap<object, ExchangeStore>()

/** The store that all share who share this: a library, which a process opens once. */
export function storeOf(shared: object): ExchangeStore {
  const known = stores.get(shared)
  if (known !== undefined) return known
  const store = exchangeStore()
  stores.set(shared, store)
  return store
}

/** What was wanted longest ago goes first, of whichever web root it is. */
export function exchangeStore(most = bytesMost): ExchangeStore {
  const byAge = new Set<Entry>()
  let bytes = 0

  function forget(entry: Entry): void {
    if (!byAge.delete(entry)) return
    bytes -= entry.size
    entry.drop()
  }

  function open(): ExchangeCache {
    const answers = new Map<string, Entry>()
    return {
      get(request) {
        const entry = answers.get(requestKey(request))
        if (entry === undefined) return undefined
        byAge.delete(entry)
        byAge.add(entry)
        return entry.answer
      },
      put(request, answer) {
        const key = requestKey(request)
        const old = answers.get(key)
        if (old !== undefined) forget(old)
        const entry: Entry = { answer, size: 0, drop: () => void answers.delete(key) }
        answers.set(key, entry)
        byAge.add(entry)
        void answer.then((result) => {
          if (!byAge.has(entry)) return
          // Whoever asked at the same time shares the failure; who comes later may fare better.
          if (failed(result)) return forget(entry)
          entry.size = sizeOf(result)
          bytes += entry.size
          for (const one of byAge) {
            if (bytes <= most) break
            if (one.size > 0) forget(one)
          }
        })
      },
      close() {
        for (const entry of answers.values()) forget(entry)
      },
    }
  }

  return {
    open,
    get bytes() {
      return bytes
    },
  }
}

function sizeOf(answer: HttpExchange): number {
  // Head, body as received and decoded, the text made of it, and both as one text.
  return [answer, ...answer.before].reduce((sum, one) => sum + one.head.length * 3 + one.length + one.body.length * 3 + 2000, 0)
}

/** All that may change an answer. */
export function requestKey(request: HttpRequest): string {
  const { method, target, headers, body, exact, serverName, host, follow, bodyMost, digest, timeout } = request
  const own = (headers ?? []).filter((header) => !isUsual(header))
  const parts = JSON.stringify([method, target, own, serverName, host, follow, bodyMost, digest, timeout])
  if (body === undefined && exact === undefined && parts.length < 300) return parts
  return createHash('sha1').update(parts).update('\n').update(body ?? '').update('\n').update(exact ?? '').digest('base64')
}
