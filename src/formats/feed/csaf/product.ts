import type { Interval, Product, VersionScheme } from '#core/knowledge/affected.ts'
import { schemeOf } from '#core/version/ecosystem.ts'
import { cpeWord, readCpe } from '../value/cpe.ts'
import { type Purl, purlProduct, readPurl, redHatEcosystem } from '../value/ecosystem.ts'
import { isEvery, plainVersion, spokenRange } from '../value/spoken-version.ts'
import type { TreeProduct } from './product-tree.ts'

/** One product of an advisory, as it is matched. */
export type Resolved = Readonly<{
  product: Product
  scheme: VersionScheme
  of: 'binary' | 'source'
  /** The versions that the entry is about, `[{}]` when it is about all; null when they cannot be read. */
  intervals: readonly Interval[] | null
  /** The one version that the entry is. */
  version?: string
}>

const longestChain = 6

/** What a product id stands for. Null when nothing of it has a name that can be matched. */
export function resolve(tree: ReadonlyMap<string, TreeProduct>, id: string): Resolved | null {
  const entry = tree.get(id)
  if (entry === undefined) return null
  // `part` on `on`: an rpm of a module of a release, firmware on a device.
  let part: TreeProduct | undefined = entry
  const platforms: TreeProduct[] = []
  let module: Purl | null = null
  for (let step = 0; step < longestChain && part?.part !== undefined; step++) {
    let on = tree.get(part.on ?? '')
    for (let up = 0; up < longestChain && on?.part !== undefined; up++) {
      const between: TreeProduct | undefined = tree.get(on.part)
      const purl = readPurl(between?.purl)
      if (purl?.type === 'rpmmod') module = purl
      on = tree.get(on.on ?? '')
    }
    if (on !== undefined) platforms.push(on)
    part = tree.get(part.part)
  }
  if (part === undefined) return null
  const purl = readPurl(part.purl)
  if (purl?.type === 'rpmmod' && part !== entry) module = purl
  return purl === null ? named(part) : packaged(part, purl, platforms, module)
}

function packaged(part: TreeProduct, purl: Purl, platforms: readonly TreeProduct[], module: Purl | null): Resolved | null {
  const known = purlProduct(purl)
  if (known !== null) return { product: known, scheme: schemeOf(known.ecosystem), of: 'binary', ...versionOf(part, purl.version) }
  if (purl.type === 'rpmmod' || purl.type === 'oci') return null
  if (purl.type !== 'rpm' && purl.type !== 'deb') return named(part)
  const ecosystem = platforms.map((one) => distributionOf(one)).find((one) => one !== null) ?? null
  if (ecosystem === null) return null
  const epoch = purl.qualifiers.get('epoch')
  const version = purl.version === null ? null : epoch === undefined || epoch === '0' || !/^\d{1,9}$/.test(epoch) ? purl.version : `${epoch}:${purl.version}`
  // A fix in a module has the module in its version; what has no version would stand for all of its streams.
  if (version === null && (module !== null || purl.qualifiers.has('rpmmod'))) return null
  return {
    product: { ecosystem, name: purl.name }, scheme: schemeOf(ecosystem), of: purl.qualifiers.get('arch') === 'src' || purl.qualifiers.get('arch') === 'source' ? 'source' : 'binary',
    ...(version === null ? { intervals: [{}] } : { intervals: [{ from: version, upTo: version }], version }),
  }
}

/** The release a platform is, in OSV's words. */
function distributionOf(platform: TreeProduct): string | null {
  const redHat = /^cpe:\/[ao]:redhat:(\S+)$/.exec(platform.cpe ?? '')
  if (redHat !== null) return redHatEcosystem(redHat[1]!)
  const suse = /^(?:SUSE (Linux [\w .-]+)|(openSUSE [\w .-]+))$/.exec(platform.title)
  if (suse !== null) return suse[1] === undefined ? suse[2]!.replace(/^openSUSE /, 'openSUSE:') : `SUSE:${suse[1]}`
  return null
}

/** By CPE, else by vendor and product: industrial devices are known by these alone. */
function named(part: TreeProduct): Resolved | null {
  const cpe = readCpe(part.cpe)
  if (cpe !== null) {
    const own = cpe.version === '*' || cpe.version === '-' ? null : cpe.version
    return { product: { ecosystem: 'cpe', name: cpe.name, part: cpe.part }, scheme: 'generic', of: 'binary', ...versionOf(part, own) }
  }
  const vendor = cpeWord(part.vendor ?? '')
  const product = cpeWord(part.product ?? part.family ?? '')
  if (vendor === null || product === null) return null
  return { product: { ecosystem: 'industrial', name: `${vendor}:${product}` }, scheme: 'generic', of: 'binary', ...versionOf(part, null) }
}

function versionOf(part: TreeProduct, own: string | null): Pick<Resolved, 'intervals' | 'version'> {
  const single = own ?? (part.version === undefined ? null : plainVersion(part.version))
  if (part.range === undefined && single !== null) return { intervals: [{ from: single, upTo: single }], version: single }
  const text = part.range ?? part.version
  if (text === undefined || isEvery(text)) return { intervals: [{}] }
  return { intervals: spokenRange(withoutName(text, part.product ?? '')) }
}

/** `NMC3 <= 1.7` of the product NMC3, `PowerCenter < V2.1`. */
function withoutName(text: string, product: string): string {
  return product !== '' && text.toLowerCase().startsWith(product.toLowerCase()) ? text.slice(product.length).trim().replace(/^:\s*/, '') : text
}
