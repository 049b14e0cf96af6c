import { hash } from 'node:crypto'
import type { Affected } from '#core/knowledge/affected.ts'
import type { FeedRecord, Lifecycle, Statement, Template } from '#core/knowledge/record.ts'
import { planFile } from '#core/template/pack.ts'
import { packBody } from '../body.ts'
import { packageProducts } from '../package-url.ts'
import type { SpoolWriter } from '../spool.ts'
import { runnableLibrary, runnableLifecycle, runnableTemplate } from './runnable.ts'
import { templateCategory } from './template-category.ts'
import { templatePlans } from './template-plans.ts'

export type FeedTotals = {
  records: number
  snapshot: string | null
  version: string | null
  whole: boolean
  statements: number
  ranges: number
  /** All rows, of whatever kind. */
  rows: number
  unused: Record<string, { count: number; examples: [string, string][] }>
}

const mostExamples = 20
const mostReasons = 200
/** A body above this is no advisory. Kept files are bounded by the archive's limits. */
const longestBody = 2 * 1024 * 1024
const identifier = /^[A-Za-z0-9][\w.:+~@/-]{1,119}$/

export function noTotals(): FeedTotals {
  return { records: 0, snapshot: null, version: null, whole: true, statements: 0, ranges: 0, rows: 0, unused: {} }
}

/** Turns what a reader says into rows on the spool. Whatever breaks our own rules is counted as unused, whichever reader let it through. */
export function spoolRecords(source: string, spool: SpoolWriter, totals: FeedTotals): (record: FeedRecord) => void {
  const skip = (key: string, reason: string, text: string): void => {
    const known = totals.unused[reason] ?? (Object.keys(totals.unused).length < mostReasons ? (totals.unused[reason] = { count: 0, examples: [] }) : (totals.unused['other'] ??= { count: 0, examples: [] }))
    known.count++
    if (known.examples.length < mostExamples) known.examples.push([key.slice(0, 200), text.slice(0, 300)])
  }
  const packed = (key: string, value: unknown): Buffer | null => {
    const text = JSON.stringify(value)
    if (text.length <= longestBody) return packBody(text)
    skip(key, 'too-large', `${text.length} characters`)
    return null
  }
  const plans = templatePlans()
  /** What is written of a record, or what is wrong with it. */
  const write = (record: FeedRecord): void => {
    switch (record.record) {
      case 'head':
        totals.snapshot = record.snapshot?.slice(0, 40) ?? totals.snapshot
        totals.version = record.version?.slice(0, 100) ?? totals.version
        totals.whole &&= record.whole
        return
      case 'counted':
        totals.records += record.records
        return
      case 'unused':
        return skip(record.key, record.reason, record.text)
      case 'statement': {
        if (!namesWell(record) || record.key.length > 300) return skip(record.key, 'bad-identifier', record.vulnerability)
        const body = packed(record.key, record)
        if (body === null) return
        spool.add(['s', record.vulnerability, record.key, record.aliases.filter((alias) => identifier.test(alias)), body.length], body)
        totals.statements++
        break
      }
      case 'affected': {
        const { product } = record
        if (!identifier.test(record.vulnerability) || product.name === '' || product.name.length > 300 || product.ecosystem.length > 100) return skip(record.key, 'bad-identifier', product.name)
        const text = JSON.stringify(record)
        if (text.length > longestBody) return skip(record.key, 'too-large', `${text.length} characters`)
        const body = packBody(text)
        spool.add(['a', record.vulnerability, record.key, product.ecosystem, product.name, hashOf(source, text), detects(record), body.length], body)
        totals.ranges++
        break
      }
      case 'probability':
        if (!identifier.test(record.vulnerability) || !(record.probability >= 0 && record.probability <= 1)) return skip(record.vulnerability, 'bad-probability', String(record.probability))
        spool.add(['p', record.vulnerability, record.probability, record.percentile, 0])
        break
      case 'template': {
        const body = packed(record.key, record)
        if (body === null) return
        const plan = plans.compile(record)
        spool.add(templateRow(record, runnableTemplate(record, plan), body.length), body)
        if (record.unsupported !== undefined) skip(record.key, `unsupported-${record.unsupported}`.slice(0, 80), record.path)
        else if (plan !== null && 'reason' in plan) skip(record.key, `unsupported-${plan.reason.replaceAll(' ', '-')}`.slice(0, 80), `${record.path}: ${plan.text}`)
        else {
          const kept = packed(record.key, plan)
          if (kept !== null) spool.add(['k', `${planFile}${record.key}`, kept.length], kept)
        }
        break
      }
      case 'library': {
        const body = packed(record.key, record)
        if (body === null) return
        spool.add(['c', `library:${record.key}`, 'library', `Client-side library ${record.key}`, 'Web application', 1, 'information', null, null, [], runnableLibrary(record), body.length], body)
        spool.add(['l', record.key, body.length], body)
        break
      }
      case 'lifecycle': {
        const body = packed(record.key, record)
        if (body === null) return
        const products = productsOf(record)
        spool.add(['c', `lifecycle:${record.key}`, 'lifecycle', `${record.title}: unsupported version`, 'Unsupported software', 4, 'potential', null, null, [], runnableLifecycle(record, products), body.length], body)
        spool.add(['e', record.key, products, body.length], body)
        break
      }
      case 'fingerprint': {
        const body = packed(record.file, record)
        if (body !== null) spool.add(['f', record.file, record.order, body.length], body)
        break
      }
      case 'hardware':
        spool.add(['h', record.prefix, record.organization.slice(0, 300), 0])
        break
      case 'benchmark': {
        const body = packed(record.key, record)
        if (body !== null) spool.add(['b', record.key, body.length], body)
        break
      }
      case 'rule': {
        const body = packed(record.key, record)
        if (body !== null) spool.add(['r', record.benchmark, record.key, body.length], body)
        break
      }
      case 'file':
        plans.keep(record)
        spool.add(['k', record.key, record.bytes.length], record.bytes)
        break
    }
    totals.rows++
  }
  return write
}

function namesWell(record: Statement): boolean {
  return identifier.test(record.vulnerability)
}

function detects({ status }: Affected): 0 | 1 {
  return status === 'affected' || status === 'unfixed' ? 1 : 0
}

/** 22 bits: with the vulnerability's number it is the row's id. */
function hashOf(source: string, text: string): number {
  return hash('sha1', `${source}\0${text}`, 'buffer').readUInt32BE(0) & 0x3fffff
}

const severities = { info: 1, low: 2, medium: 3, high: 4, critical: 5, unknown: 1 } as const

function templateRow(record: Template, why: string | null, body: number): Parameters<SpoolWriter['add']>[0] {
  const type = record.severity === 'info' || record.severity === 'unknown' ? 'information' : 'confirmed'
  return ['c', `template:${record.key}`, 'template', record.title.slice(0, 500), templateCategory(record), severities[record.severity], type, null, null, record.cve, why, body]
}

function productsOf(record: Lifecycle): (readonly [string, string])[] {
  const cpe = record.cpe.map((text) => /^cpe:(?:2\.3:|\/)[aoh*]:([^:]+):([^:]+)/.exec(text)).filter((found) => found !== null)
    .map((found) => ['cpe', `${found[1]}:${found[2]}`.toLowerCase().replaceAll('\\', '')] as const)
  return [...cpe, ...record.purl.flatMap((text) => packageProducts(text))]
}
