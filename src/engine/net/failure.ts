import type { Failure, FailureCode } from '../net.ts'
import type { IcmpError } from './error-queue.ts'

const codes: Readonly<Record<string, FailureCode>> = {
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
}

/**
 * A socket's error as a value. What is our own machine's trouble (no free port, no free descriptor) is `unreachable` with the system's
 * code in the text: it says nothing of the target, and must not pass for a closed port.
 */
export function failureOf(error: Error & { code?: string }, during: string): Failure {
  const code = error.code ?? ''
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code === 'EPROTO') return { failed: 'tls', text: `${during}: ${tlsText(error)}` }
  return { failed: codes[code] ?? 'unreachable', text: `${during}: ${code === '' ? error.message.slice(0, 200) : code}` }
}

/** The same of the bare name of a system error. */
export function failureOfCode(code: string, during: string): Failure {
  return { failed: codes[code] ?? 'unreachable', text: `${during}: ${code}` }
}

/** A port that was refused by an ICMP error, or by nobody knows what where `error` is null: nothing is known of the service behind it. */
export function rejection(error: IcmpError | null, during: string): Failure {
  if (error === null) return { failed: 'unreachable', text: `${during}: refused by the host or by a firewall, which this system does not tell apart`, by: null }
  return { failed: 'unreachable', text: `${during}: rejected: ICMP error ${error.type}/${error.code} from ${error.by === '' ? 'somebody' : error.by}`, by: error.by }
}

/** OpenSSL's `…:error:0A000102:SSL routines::unsupported protocol:../deps/…` → `unsupported protocol`. */
function tlsText(error: Error): string {
  return (/SSL routines:[^:]*:([^:\n]+)/.exec(error.message)?.[1] ?? error.message).slice(0, 200)
}
