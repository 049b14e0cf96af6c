import type { Affected, Product } from '#core/knowledge/affected.ts'
import { type CpeName, cpeAttributes, cpeWord, readCpe } from '../value/cpe.ts'
import { packageName, purlProduct, readPurl, redHatEcosystem } from '../value/ecosystem.ts'
import type { Fields } from '../value/json-value.ts'
import { listOf, wordOf } from '../value/json-value.ts'

/** One product that an entry of `affected` names. `own` are versions that its CPE names spell out. */
export type Named = Readonly<{ product: Product; cpe?: Affected['cpe']; own: readonly string[] }>

const collections: readonly (readonly [RegExp, string])[] = [
  [/^https?:\/\/(?:www\.)?pypi\.(?:python\.)?org\b/, 'PyPI'],
  [/^https?:\/\/(?:www\.|registry\.)?npmjs\.(?:com|org)\b/, 'npm'],
  [/^https?:\/\/(?:repo1?\.maven(?:\.apache)?\.org|central\.sonatype\.com|mvnrepository\.com|search\.maven\.org)\b/, 'Maven'],
  [/^https?:\/\/(?:www\.)?packagist\.org\b/, 'Packagist'],
  [/^https?:\/\/(?:www\.)?rubygems\.org\b/, 'RubyGems'],
  [/^https?:\/\/(?:www\.|api\.)?nuget\.org\b/, 'NuGet'],
  [/^https?:\/\/(?:www\.)?crates\.io\b/, 'crates.io'],
  [/^https?:\/\/(?:pkg\.go\.dev|proxy\.golang\.org)\b/, 'Go'],
  [/^https?:\/\/(?:www\.|repo\.)?hex\.pm\b/, 'Hex'],
  [/^https?:\/\/(?:www\.)?pub\.dev\b/, 'Pub'],
  [/^https?:\/\/(?:www\.)?wordpress\.org\/plugins\b/, 'WordPress:plugin'],
  [/^https?:\/\/(?:www\.)?wordpress\.org\/themes\b/, 'WordPress:theme'],
]

/**
 * Which software an entry of `affected` speaks of: its CPE names, its package, and where it has neither its vendor and product in the way of CPE.
 * A string is the reason why it cannot be told.
 */
export function productsOf(entry: Fields): readonly Named[] | string {
  const packaged = packageOf(entry)
  // Its CPE names say which release the package is for, not what is affected.
  if (packaged?.product.ecosystem.startsWith('Red Hat') === true) return [packaged]
  const named = byCpe(listOf(entry['cpes'], 2000))
  if (packaged !== null) named.push(packaged)
  if (named.length > 0) return named
  const vendor = cpeWord(wordOf(entry['vendor']) ?? '')
  const product = cpeWord(wordOf(entry['product']) ?? '')
  if (vendor === null || product === null) return 'no-product'
  return [{ product: { ecosystem: 'cpe', name: `${vendor}:${product}` }, own: [] }]
}

function byCpe(list: readonly unknown[]): Named[] {
  const groups = new Map<string, { cpe: CpeName; own: string[] }>()
  for (const text of list) {
    const cpe = readCpe(text)
    if (cpe === null) continue
    const attributes = cpeAttributes(cpe)
    const key = `${cpe.part}:${cpe.name}${attributes === undefined ? '' : JSON.stringify(attributes)}`
    const group = groups.get(key) ?? { cpe, own: [] }
    groups.set(key, group)
    if (cpe.version !== '*' && cpe.version !== '-') group.own.push(cpe.version)
  }
  return [...groups.values()].map(({ cpe, own }) => {
    const attributes = cpeAttributes(cpe)
    return { product: { ecosystem: 'cpe', name: cpe.name, part: cpe.part }, own, ...(attributes === undefined ? {} : { cpe: attributes }) }
  })
}

function packageOf(entry: Fields): Named | null {
  const purl = readPurl(entry['packageURL'])
  const known = purl === null ? null : purlProduct(purl)
  if (known !== null) return { product: known, own: [] }
  const name = wordOf(entry['packageName'])
  const from = wordOf(entry['collectionURL'])
  if (name === undefined || from === undefined) return null
  if (/^https?:\/\/access\.redhat\.com\/downloads\/content\/package-browser\b/.test(from)) {
    const cpe = listOf(entry['cpes'], 20).map((text) => (typeof text === 'string' ? /^cpe:\/[ao]:redhat:([^\s]{1,80})$/.exec(text)?.[1] : undefined)).find((one) => one !== undefined)
    return cpe === undefined ? null : { product: { ecosystem: redHatEcosystem(cpe), name }, own: [] }
  }
  const ecosystem = collections.find(([form]) => form.test(from))?.[1]
  return ecosystem === undefined ? null : { product: { ecosystem, name: packageName(ecosystem, name) }, own: [] }
}
