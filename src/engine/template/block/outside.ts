import { failed } from '../../net.ts'
import { jarmOf } from '../../tls/jarm.ts'
import type { Outside } from '../dsl/outside.ts'
import type { Wire } from './wire.ts'

/** Seconds a template may pause at once. */
const pauseMost = 10

/** What expressions may ask of the world: time, and the TLS stack of the port that is looked at. Nobody else than the target is asked. */
export function outsideOf(wire: Wire | null, signal: AbortSignal): Outside {
  return async ({ call, of }) => {
    if (call === 'waitfor') {
      await pause(Math.min(pauseMost, Number(of[0]) || 0) * 1000, signal)
      return true
    }
    if (call !== 'jarm' || wire === null) return null
    const port = Number(/:(\d{1,5})$/.exec(of[0] ?? '')?.[1] ?? wire.port)
    if (!wire.isOpen(port)) return null
    const hash = await wire.kept(`jarm ${port}`, () => jarmOf(() => wire.connect(port), wire.tools.names[0] ?? wire.at.address))
    return typeof hash === 'string' ? hash : failed(hash) ? null : hash
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end, { once: true })
  })
}
