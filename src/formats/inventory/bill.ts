import type { Software } from '#core/knowledge/affected.ts'
import { fail } from '#core/errors.ts'
import { collect, type InventoryRead } from './inventory.ts'
import { softwareOfPurl } from './package-url.ts'

const mostDepth = 32
const mostComponents = 200_000

type Json = Readonly<Record<string, unknown>>
type Into = ReturnType<typeof collect>

/** CycloneDX JSON, 1.2 to 1.6: components, also nested ones, by their package URL, or else by their CPE. Source: https://cyclonedx.org/docs/1.6/json/ */
export function readCycloneDx(document: Json): InventoryRead {
  const into = collect('cyclonedx')
  let seen = 0
  const walk = (list: unknown, depth: number): void => {
    if (!Array.isArray(list)) return
    for (const one of list as unknown[]) {
      if (!isObject(one)) continue
      if (++seen > mostComponents) fail('inventory.too_large', { what: 'components', most: mostComponents })
      if (depth > mostDepth) {
        into.skip('too-deep', textOf(one['name']))
        continue
      }
      addNamed(into, [textOf(one['purl'])], [textOf(one['cpe'])], `${textOf(one['name'])} ${textOf(one['version'])}`)
      walk(one['components'], depth + 1)
    }
  }
  walk(document['components'], 0)
  return into.done()
}

/** SPDX 2.2 and 2.3 JSON: packages, by the package URL or CPE among their external references. Source: https://spdx.github.io/spdx-spec/v2.3/ */
export function readSpdx(document: Json): InventoryRead {
  const into = collect('spdx')
  const packages = Array.isArray(document['packages']) ? (document['packages'] as unknown[]) : []
  if (packages.length > mostComponents) fail('inventory.too_large', { what: 'packages', most: mostComponents })
  for (const one of packages) {
    if (!isObject(one)) continue
    const references = (Array.isArray(one['externalRefs']) ? (one['externalRefs'] as unknown[]) : []).slice(0, 200).filter(isObject)
    const of = (type: RegExp): string[] => references.filter((reference) => type.test(textOf(reference['referenceType']))).map((reference) => textOf(reference['referenceLocator']))
    addNamed(into, of(/^purl$/i), of(/^cpe23Type$/i), `${textOf(one['name'])} ${textOf(one['versionInfo'])}`)
  }
  return into.done()
}

function addNamed(into: Into, purls: readonly string[], cpes: readonly string[], label: string): void {
  let reason = 'no-package-url'
  for (const purl of purls.filter((one) => one !== '')) {
    const software = softwareOfPurl(purl)
    if (typeof software !== 'string') return into.add(software)
    reason = software
  }
  for (const cpe of cpes) {
    const software = softwareOfCpe(cpe)
    if (software !== null) return into.add(software)
  }
  into.skip(reason, label)
}

function softwareOfCpe(cpe: string): Software | null {
  const [, , part, vendor = '*', product = '*', version = '*', update = '*'] = cpe.slice(0, 1000).split(/(?<!\\):/).map((one) => one.replace(/\\(.)/g, '$1'))
  if (!cpe.startsWith('cpe:2.3:') || (part !== 'a' && part !== 'o' && part !== 'h')) return null
  if ([vendor, product, version].some((one) => one === '*' || one === '-' || one === '')) return null
  return { ecosystem: 'cpe', name: `${vendor}:${product}`.toLowerCase(), version: `${version}${update === '*' || update === '-' ? '' : update}`, part }
}

function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 2000) : ''
}
