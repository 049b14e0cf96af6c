import type { Product } from '#core/knowledge/affected.ts'
import { ecosystemFamily } from '#core/version/ecosystem.ts'

const bySource = new Set(['Debian', 'Ubuntu', 'Alpine', 'Alpaquita', 'Wolfi', 'Chainguard', 'MinimOS', 'Echo'])

/** Whether advisories of the ecosystem speak of source packages. */
export function speaksOf(ecosystem: string): 'binary' | 'source' {
  return bySource.has(ecosystemFamily(ecosystem)) ? 'source' : 'binary'
}

/**
 * OSV's name in our spelling: `Ubuntu:22.04:LTS` → `Ubuntu:22.04`, `Red Hat:enterprise_linux:9::appstream` → `Red Hat:9`. Streams with a life of their own stay
 * apart, so that their fixes are not taken for those of the main line: `Ubuntu:Pro:18.04`, `Red Hat:rhel_eus:9.2`.
 */
export function ecosystemName(osv: string): string {
  const ubuntu = /^Ubuntu:(Pro:)?(\d\d\.\d\d)(?::LTS)?$/.exec(osv)
  if (ubuntu !== null) return `Ubuntu:${ubuntu[1] ?? ''}${ubuntu[2]}`
  if (osv.startsWith('Red Hat:')) return redHatEcosystem(osv.slice('Red Hat:'.length))
  return osv
}

/** `enterprise_linux:9::appstream`, `rhel_eus:9.2::baseos` as in CPEs of Red Hat. */
export function redHatEcosystem(product: string): string {
  const main = /^enterprise_linux(?:_[a-z_]+)?:(\d{1,2})(?:\.\d+)?(?::|$)/.exec(product)
  if (main !== null) return `Red Hat:${main[1]}`
  const [name, release] = product.split(':')
  return `Red Hat:${name ?? ''}${release === undefined || release === '' ? '' : `:${release}`}`.slice(0, 100)
}

const purlTypes: Readonly<Record<string, string>> = {
  npm: 'npm', pypi: 'PyPI', gem: 'RubyGems', maven: 'Maven', nuget: 'NuGet', composer: 'Packagist', golang: 'Go', cargo: 'crates.io', hex: 'Hex', pub: 'Pub', bitnami: 'Bitnami', swift: 'SwiftURL',
  githubactions: 'GitHub Actions', hackage: 'Hackage', cran: 'CRAN', conan: 'ConanCenter',
}

export type Purl = Readonly<{ type: string; namespace: string; name: string; version: string | null; qualifiers: ReadonlyMap<string, string> }>

/** Reads `pkg:type/namespace/name@version?qualifiers`; null when it is none. */
export function readPurl(text: unknown): Purl | null {
  if (typeof text !== 'string' || text.length > 1000) return null
  const parts = /^pkg:\/{0,2}([A-Za-z][A-Za-z0-9.+-]{0,30})\/([^?#@]+(?:@[^?#@/]+\/[^?#@]+)?)(?:@([^?#]*))?(?:\?([^#]*))?(?:#.*)?$/.exec(text)
  if (parts === null) return null
  try {
    const path = parts[2]!.split('/').filter((part) => part !== '').map(decodeURIComponent)
    const name = path.pop()
    if (name === undefined) return null
    const qualifiers = new Map((parts[4] ?? '').split('&').slice(0, 20).map((pair) => {
      const at = pair.indexOf('=')
      return at < 0 ? ([pair, ''] as const) : ([pair.slice(0, at).toLowerCase(), decodeURIComponent(pair.slice(at + 1))] as const)
    }))
    return { type: parts[1]!.toLowerCase(), namespace: path.join('/'), name, version: parts[3] === undefined || parts[3] === '' ? null : decodeURIComponent(parts[3]), qualifiers }
  } catch {
    return null
  }
}

/** The package a purl names, in an ecosystem that has no releases; null for those of distributions and unknown types. */
export function purlProduct(purl: Purl): Product | null {
  const ecosystem = Object.hasOwn(purlTypes, purl.type) ? purlTypes[purl.type]! : null
  if (ecosystem === null) return null
  const { namespace, name } = purl
  return { ecosystem, name: packageName(ecosystem, namespace === '' ? name : ecosystem === 'Maven' ? `${namespace}:${name}` : `${namespace}/${name}`) }
}

/** As the ecosystem itself compares names: PyPI in lower case with `-` for runs of `-_.`. */
export function packageName(ecosystem: string, name: string): string {
  if (ecosystem === 'PyPI') return name.toLowerCase().replace(/[-_.]+/g, '-')
  if (ecosystem === 'Packagist' || ecosystem === 'NuGet' || ecosystem === 'GitHub Actions') return name.toLowerCase()
  return name
}
