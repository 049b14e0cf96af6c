import type { Ask } from '#core/ask.ts'
import type { Place } from '#core/place.ts'
import type { Failure } from '../net.ts'
import type { Tools } from '../probe.ts'
import type { HttpAnswer } from './answer.ts'

/** Sends one request over a fresh connection. */
export async function askHttp(_at: Place, _tls: boolean, _ask: Ask, _tools: Tools): Promise<HttpAnswer | Failure> {
  return { failed: 'protocol', text: 'the HTTP client is being written' }
}
