import { createHash } from 'node:crypto'
import { failed, type Failure } from '../net.ts'
import type { HttpExchange, HttpRequest } from '../http/wire.ts'

/** Bytes of answers kept for one web root. */
const bytesMost = 8_388_608

/** Answers of one web root by the exact request, so that what many templates ask is sent once. Dropped with the web root. */
export interface ExchangeCache {
  get(request: HttpRequest): Promise<HttpExchange | Failure> | undefined
  put(request: HttpRequest, answer: Promise<HttpExchange | Failure>): void
  readonly bytes: number
}

export function exchangeCache(most = bytesMost): ExchangeCache {
  const answers = new Map<string, { answer: Promise<HttpExchange | Failure>; size: number }>()
  let bytes = 0
  return {
    get bytes() {
      return bytes
    },
    get(request) {
      return answers.get(requestKey(request))?.answer
    },
    put(request, answer) {
      const key = requestKey(request)
      const entry = { answer, size: 0 }
      answers.set(key, entry)
      void answer.then((result) => {
        if (failed(result)) {
          // Whoever asked at the same time shares the failure; who comes later may fare better.
          if (answers.get(key) === entry) answers.delete(key)
          return
        }
        entry.size = sizeOf(result)
        bytes += entry.size
        for (const [oldKey, old] of answers) {
          if (bytes <= most) break
          if (old.size === 0) continue
          answers.delete(oldKey)
          bytes -= old.size
        }
      })
    },
  }
}

function sizeOf(answer: HttpExchange): number {
  // Head, body as received and decoded, and the text made of it.
  return [answer, ...answer.before].reduce((sum, one) => sum + one.head.length * 2 + one.length + one.body.length * 2 + 1000, 0)
}

/** What every client says; whether it is said changes no answer. */
const usual = new Set(['accept: */*', 'accept-language: en', 'connection: close', 'connection: keep-alive'])

/** All that may change an answer. */
export function requestKey(request: HttpRequest): string {
  const { method, target, headers, body, exact, serverName, host, follow, bodyMost, digest, timeout } = request
  const own = (headers ?? []).filter(([name, value]) => !usual.has(`${name}: ${value}`.toLowerCase()))
  const parts = JSON.stringify([method, target, own, serverName, host, follow, bodyMost, digest, timeout])
  if (body === undefined && exact === undefined && parts.length < 300) return parts
  return createHash('sha1').update(parts).update('\n').update(body ?? '').update('\n').update(exact ?? '').digest('base64')
}
