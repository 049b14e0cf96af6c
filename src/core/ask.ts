/**
 * A harmless HTTP request that a signature needs to have been sent before it can be judged. Asks of all signatures are
 * pooled: an identical one is sent once.
 */
export type Ask = Readonly<{
  method?: 'GET' | 'HEAD' | 'OPTIONS' | 'TRACE' | 'PROPFIND' | 'POST'
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string
  /** Names of products (as in `service.product` or `server` header, lower-case substring) without which it is not sent. */
  only?: readonly string[]
}>

/** Stable key of a request; equal keys mean equal bytes on the wire apart from Host. */
export function askKey(ask: Ask): string {
  const headers = Object.entries(ask.headers ?? {})
    .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
    .sort()
  return [`${ask.method ?? 'GET'} ${ask.path}`, ...headers, ...(ask.body === undefined ? [] : ['', ask.body])].join('\n')
}
