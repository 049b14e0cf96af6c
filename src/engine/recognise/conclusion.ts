import type { FingerprintMatch, Fingerprints } from '#core/fingerprint/fingerprints.ts'
import { parseCpe } from '#core/version/cpe.ts'
import type { Text } from './texts.ts'

/** What fingerprints say of one place, in the words of observations. */
export type Conclusion = Readonly<{
  product?: string
  version?: string
  /** CPE 2.3, with the version where it is known. */
  cpe?: string
  /** `osVendor` `osProduct` `osVersion` `osFamily` `osDevice` `osCpe` `hwVendor` `hwProduct` `hwFamily` `hwDevice` `hwModel` `hwCpe`. */
  facts: Readonly<Record<string, string>>
  /** Which fingerprints: `ssh_banners.xml: OpenSSH running on Debian 12`. */
  by: readonly string[]
}>

const factNames: readonly (readonly [param: string, fact: string])[] = [
  ['os.vendor', 'osVendor'], ['os.product', 'osProduct'], ['os.version', 'osVersion'], ['os.family', 'osFamily'], ['os.device', 'osDevice'],
  ['hw.vendor', 'hwVendor'], ['hw.product', 'hwProduct'], ['hw.family', 'hwFamily'], ['hw.device', 'hwDevice'], ['hw.model', 'hwModel'],
]

/** A pattern says itself how sure it is of each part; below this it guesses. */
const surest = 0.5

function isSure({ params }: FingerprintMatch, part: 'service' | 'os' | 'hw'): boolean {
  const certainty = Number(params.get(`${part}.certainty`) ?? 1)
  return certainty >= surest
}

/** Asks the fingerprints for each text. Null when none says anything of software, system or device. The first that names a product names it. */
export function conclude(fingerprints: Fingerprints, texts: readonly Text[]): Conclusion | null {
  let service: Pick<Conclusion, 'product' | 'version' | 'cpe'> = {}
  const facts: Record<string, string> = {}
  const by: string[] = []
  const add = (found: FingerprintMatch): void => {
    const product = service.product === undefined ? serviceOf(found) : {}
    const more = factsOf(found).filter(([fact]) => !Object.hasOwn(facts, fact))
    if (product.product === undefined && more.length === 0) return
    if (product.product !== undefined) service = product
    for (const [fact, value] of more) facts[fact] = value
    by.push(`${found.fingerprint.file}: ${found.fingerprint.description}`.slice(0, 200))
  }
  for (const [matches, text] of texts) {
    const found = fingerprints.find(matches, text)
    if (found === null) continue
    add(found)
    // What Apache says in brackets of its system has fingerprints of its own.
    const system = found.params.get('apache.info')
    const more = system === undefined || system === '' ? null : fingerprints.find('apache_os', system)
    if (more !== null) add(more)
  }
  return by.length === 0 ? null : { ...service, facts, by }
}

function serviceOf(found: FingerprintMatch): Pick<Conclusion, 'product' | 'version' | 'cpe'> {
  const { params } = found
  if (!isSure(found, 'service')) return {}
  const name = params.get('service.product')
  if (name === undefined || name === '') return {}
  const vendor = params.get('service.vendor') ?? ''
  const version = versionOf(params.get('service.version'))
  const cpe = cpeName(params.get('service.cpe23'))
  const product = vendor === '' || name.toLowerCase().startsWith(vendor.toLowerCase()) ? name : `${vendor} ${name}`
  return { product: product.slice(0, 120), ...(version === undefined ? {} : { version }), ...(cpe === null ? {} : { cpe }) }
}

function factsOf(match: FingerprintMatch): readonly (readonly [string, string])[] {
  const { params } = match
  const found = factNames.filter(([param]) => isSure(match, param.startsWith('os.') ? 'os' : 'hw')).flatMap(([param, fact]) => {
    const value = params.get(param)
    const said = value === undefined ? '' : param === 'os.version' ? trimmed(value) : value
    return said === '' ? [] : [[fact, said.slice(0, 120)] as const]
  })
  const cpes = (['os', 'hw'] as const).filter((part) => isSure(match, part)).flatMap((part) => {
    const cpe = cpeName(params.get(`${part}.cpe23`))
    return cpe === null ? [] : [[`${part}Cpe`, cpe] as const]
  })
  return [...found, ...cpes]
}

function versionOf(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text === '-' || text.length > 60 ? undefined : text
}

/** Some patterns take the separator for a part of the version: `Linux/6.1` has the version `/6.1`. */
function trimmed(version: string): string {
  return version.replace(/^[^A-Za-z0-9]+/, '')
}

/** The name in the form of CPE 2.3. A version that was not told is any, not none. */
export function cpeName(text: string | undefined): string | null {
  const name = text === undefined ? null : parseCpe(text)
  if (name === null || name.vendor === null || name.product === null) return null
  const part = (value: string | null): string => (value === null || value === '' ? '*' : value.slice(0, 80).replace(/[^a-z0-9._-]/g, (letter) => `\\${letter}`))
  return `cpe:2.3:${name.part}:${part(name.vendor)}:${part(name.product)}:${part(name.version === null ? null : trimmed(name.version))}:${part(name.update)}:*:*:*:*:*:*`
}
