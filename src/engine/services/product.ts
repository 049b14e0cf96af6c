import { distroOf } from './distro.ts'

/** How a product names itself: the pattern's first group is its version, if it tells; `cpe` is `vendor:product` where that is sure. */
export type ProductRule = Readonly<{ pattern: RegExp; product: string; cpe?: string }>
export type Product = Readonly<{ product?: string; version?: string; cpe?: string }>

/** The first rule that knows the text. Rules are tried in order over at most 2,048 characters. */
export function productOf(text: string, rules: readonly ProductRule[]): Product {
  const source = text.slice(0, 2048)
  for (const rule of rules) {
    const match = rule.pattern.exec(source)
    if (match === null) continue
    const version = match[1]?.slice(0, 64)
    return {
      product: rule.product,
      ...(version === undefined || version === '' ? {} : { version }),
      ...(rule.cpe === undefined ? {} : { cpe: cpeOf(rule.cpe, version) }),
    }
  }
  return {}
}

/** CPE 2.3 of an application. Characters that CPE keeps for itself are escaped; an unknown version is `*`. */
export function cpeOf(vendorProduct: string, version?: string, update?: string): string {
  const [vendor = '*', product = '*'] = vendorProduct.split(':')
  const part = (text: string | undefined): string =>
    text === undefined || text === '' ? '*' : text.toLowerCase().slice(0, 64).replace(/[^a-z0-9._-]/g, (character) => `\\${character}`)
  return `cpe:2.3:a:${vendor}:${product}:${part(version)}:${part(update)}:*:*:*:*:*:*`
}

/** `distro` as a part of a sighting; nothing when the text names none. */
export function distroPart(text: string): Readonly<{ distro?: string }> {
  const distro = distroOf(text)
  return distro === null ? {} : { distro }
}
