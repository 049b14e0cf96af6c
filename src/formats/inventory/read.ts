import type { Software } from '#core/knowledge/affected.ts'
import { fail } from '#core/errors.ts'
import { readCycloneDx, readSpdx } from './bill.ts'
import { collect, type InventoryFormat, type InventoryRead } from './inventory.ts'
import { readDpkg, readRpm } from './lines.ts'

export type InventoryText = Readonly<{ format: InventoryFormat | 'auto'; text: string; distribution?: string }>

/**
 * Reads an inventory that somebody uploads. What cannot be used is counted by reason. Throws `inventory.format` for what is none of the formats, and
 * `inventory.distribution` where lines of packages need to be told whose they are.
 */
export function readInventory({ format, text, distribution }: InventoryText): InventoryRead {
  const document = format === 'dpkg' || format === 'rpm' ? null : parse(text, format)
  if (document !== null) {
    const kind = kindOf(document, format)
    if (kind === 'cyclonedx') return readCycloneDx(document as Readonly<Record<string, unknown>>)
    if (kind === 'spdx') return readSpdx(document as Readonly<Record<string, unknown>>)
    const list = (Array.isArray(document) ? document : (document as Readonly<{ packages: unknown }>).packages) as readonly unknown[]
    return readPackages(list, distribution)
  }
  const whose = distribution ?? fail('inventory.distribution', { format: format === 'auto' ? 'these lines' : `lines of ${format}` })
  return format === 'rpm' || (format === 'auto' && isRpm(text, whose)) ? readRpm(text, whose) : readDpkg(text, whose)
}

/** `[{ecosystem, name, version, source…}]`; `ecosystem` may be left out where `distribution` says it. */
export function readPackages(list: readonly unknown[], distribution?: string): InventoryRead {
  const into = collect('packages')
  for (const one of list) {
    const entry = (one ?? {}) as Readonly<Record<string, unknown>>
    const text = (name: string): string => (typeof entry[name] === 'string' ? (entry[name] as string).trim() : '')
    const optional = (name: 'source' | 'sourceVersion' | 'architecture'): Partial<Software> => (text(name) === '' ? {} : { [name]: text(name) })
    const ecosystem = text('ecosystem') === '' ? distribution ?? '' : text('ecosystem')
    into.add({ ecosystem, name: text('name'), version: text('version'), ...(ecosystem === 'cpe' ? { part: 'a' as const } : {}), ...optional('source'), ...optional('sourceVersion'), ...optional('architecture') })
  }
  return into.done()
}

/** JSON, or null for lines. */
function parse(text: string, format: InventoryText['format']): unknown {
  if (!/^\s*[[{]/.test(text.slice(0, 1000))) return format === 'auto' ? null : fail('inventory.format', { format, problem: 'it is not JSON' })
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    return fail('inventory.format', { format: format === 'auto' ? 'an inventory' : format, problem: error instanceof Error ? error.message : 'it is not JSON' })
  }
}

function kindOf(document: unknown, format: InventoryText['format']): 'cyclonedx' | 'spdx' | 'packages' {
  const about = document as Readonly<Record<string, unknown>> | null
  const found = Array.isArray(document) ? 'packages'
    : about?.['bomFormat'] === 'CycloneDX' ? 'cyclonedx'
      : typeof about?.['spdxVersion'] === 'string' ? 'spdx'
        : Array.isArray(about?.['packages']) ? 'packages' : null
  if (found === null || (format !== 'auto' && format !== found)) fail('inventory.format', { format: format === 'auto' ? 'CycloneDX, SPDX 2 or a list of packages' : format, problem: 'its first keys are not those of one' })
  return found
}

function isRpm(text: string, distribution: string): boolean {
  if (/^(?:Debian|Ubuntu)\b/.test(distribution)) return false
  return /^(?:Red Hat|AlmaLinux|Rocky|Fedora|openSUSE|SUSE|Mageia|Amazon|Oracle)\b/.test(distribution) || /\.(?:x86_64|noarch|aarch64|i686)\s*$/m.test(text.slice(0, 20_000))
}
