/** What a cookie may lack: `insecure` no Secure, `scripted` no HttpOnly, `crossSite` no SameSite. */
export type CookieFault = 'insecure' | 'scripted' | 'crossSite'

const attribute: Readonly<Record<CookieFault, RegExp>> = {
  insecure: /;\s*secure\s*(;|$)/i,
  scripted: /;\s*httponly\s*(;|$)/i,
  crossSite: /;\s*samesite\s*=/i,
}

/**
 * Names of the cookies in a `set-cookie` header (one a line) that have the fault. A cookie that is being deleted has none, and
 * one against request forgery is meant to be read by scripts.
 */
export function cookiesWith(fault: CookieFault, setCookie: string): readonly string[] {
  const names: string[] = []
  for (const line of setCookie.split('\n').slice(0, 50)) {
    const name = /^\s*([^=;\s]{1,128})=[^;]/.exec(line)?.[1]
    if (name === undefined || /;\s*max-age\s*=\s*(0|-\d+)\s*(;|$)/i.test(line) || attribute[fault].test(line)) continue
    if (fault === 'scripted' && /[cx]srf/i.test(name)) continue
    names.push(name)
  }
  return names
}
