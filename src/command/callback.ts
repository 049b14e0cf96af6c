import { fail } from '#core/errors.ts'
import { parseIp } from '#core/ip.ts'
import { openListener, type Listener } from '#engine/callback/listener.ts'

/** Options of every command that scans. */
export const callbackOptions = { callback: { type: 'string' }, 'callback-domain': { type: 'string' } } as const

/** The listener that targets are told to call, by what was asked for; null: none. */
export async function listenerOf(values: Readonly<{ callback?: string | undefined; 'callback-domain'?: string | undefined }>): Promise<Listener | null> {
  const { callback, 'callback-domain': domain } = values
  if (callback === 'off') return null
  if (callback === undefined) {
    if (domain !== undefined) fail('usage', { what: '--callback-domain needs --callback ADDR, the address that its names stand for.' })
    return openListener({ now: Date.now })
  }
  const place = placeOf(callback) ?? fail('usage', { what: `--callback is "${callback.slice(0, 80)}"; it must be an address of this machine, with or without a port.` })
  if (domain !== undefined && !/^(?=.{1,200}\.?$)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+\.?$/i.test(domain)) fail('usage', { what: `--callback-domain is "${domain.slice(0, 80)}"; it must be a domain.` })
  return openListener({ now: Date.now, ...place, ...(domain === undefined ? {} : { domain }) }).catch((error: unknown) => fail('usage', { what: `--callback: ${error instanceof Error ? error.message : String(error)}.` }))
}

/** `192.0.2.7`, `192.0.2.7:8088`, `[2001:db8::7]:8088`. */
function placeOf(text: string): Readonly<{ address: string; port?: number }> | null {
  const parts = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)|([0-9a-f:.]+))(?::(\d{1,5}))?$/i.exec(text)
  const address = parts?.[1] ?? parts?.[2] ?? parts?.[3]
  if (address === undefined || parseIp(address) === null) return parseIp(text) === null ? null : { address: text }
  const port = Number(parts![4] ?? 0)
  return port > 65_535 ? null : { address, ...(parts![4] === undefined ? {} : { port }) }
}
