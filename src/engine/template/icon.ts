import type { Dsl } from '#core/template/dsl.ts'
import { evaluate } from './dsl/evaluate.ts'
import type { WebRoot } from './run/web-root.ts'

const hash: Dsl = { call: 'mmh3', of: [{ call: 'base64py', of: [{ name: 'body' }] }] }

/** The hash of an icon as Shodan counts it, which is what templates name. */
export function iconHash(bytes: Uint8Array): string {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  return String(evaluate(hash, { get: () => body, chance: () => 0, now: 0 }))
}

/** Where a page says its icon is, if that is on the same server. */
export function iconPath(page: string, root: WebRoot): string | null {
  for (const [tag] of page.slice(0, 65_536).matchAll(/<link\b[^>]{1,400}>/gi)) {
    if (!/rel\s*=\s*["']?[^"'>]*icon/i.test(tag)) continue
    const address = /href\s*=\s*(?:"([^"]{1,300})"|'([^']{1,300})'|([^\s>]{1,300}))/i.exec(tag)
    const base = `${root.scheme}://${root.authority}/`
    const text = address?.[1] ?? address?.[2] ?? address?.[3]
    if (text === undefined || !URL.canParse(text, base)) continue
    const url = new URL(text, base)
    if (url.origin === new URL(base).origin) return `${url.pathname}${url.search}`
  }
  return null
}
