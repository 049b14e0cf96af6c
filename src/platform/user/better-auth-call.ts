import { fail, type ErrorCode } from '#core/errors.ts'

/** What of a request sign-in reads; nothing else of its headers reaches better-auth. */
export type Call = Readonly<{ cookie: string; ip: string; userAgent: string }>

export function headersOf(call: Call): Headers {
  const headers = new Headers({ 'x-vigil-client': call.ip })
  if (call.cookie !== '') headers.set('cookie', call.cookie)
  if (call.userAgent !== '') headers.set('user-agent', call.userAgent.slice(0, 300))
  return headers
}

export type Answer<T> = Readonly<{ value: T; setCookies: readonly string[] }>

/** Runs a call of better-auth and speaks its errors in our words. */
export async function ask<T>(call: () => Promise<Readonly<{ response: T; headers?: Headers | null }>>, unless: ErrorCode = 'sign_in.needed'): Promise<Answer<T>> {
  try {
    const { response, headers } = await call()
    return { value: response, setCookies: headers?.getSetCookie() ?? [] }
  } catch (error) {
    const { isAPIError } = await import('better-auth/api')
    if (!isAPIError(error)) throw error
    const code = error.body?.code ?? ''
    if (code in words) return fail(words[code]!)
    if (code === 'ACCOUNT_TEMPORARILY_LOCKED') return fail('sign_in.locked', { minutes: 15 })
    if (error.statusCode >= 500) throw error
    return fail(unless)
  }
}

const words: Readonly<Record<string, ErrorCode>> = {
  INVALID_EMAIL_OR_PASSWORD: 'sign_in.wrong',
  INVALID_EMAIL: 'sign_in.wrong',
  PASSWORD_TOO_LONG: 'sign_in.wrong',
  INVALID_PASSWORD: 'password.wrong',
  SESSION_NOT_FRESH: 'sign_in.again',
  INVALID_CODE: 'sign_in.code_wrong',
  INVALID_BACKUP_CODE: 'sign_in.code_wrong',
  INVALID_TWO_FACTOR_COOKIE: 'sign_in.code_wrong',
  TOO_MANY_ATTEMPTS_REQUEST_NEW_CODE: 'sign_in.code_wrong',
  TOTP_NOT_ENABLED: 'two_factor.off',
  TWO_FACTOR_NOT_ENABLED: 'two_factor.off',
  BACKUP_CODES_NOT_ENABLED: 'two_factor.off',
  TOTP_ALREADY_ENABLED: 'two_factor.on',
  PASSKEY_NOT_FOUND: 'sign_in.passkey_wrong',
  CHALLENGE_NOT_FOUND: 'sign_in.passkey_wrong',
  AUTHENTICATION_FAILED: 'sign_in.passkey_wrong',
}
