import type { Fingerprints } from '#core/fingerprint/fingerprints.ts'
import type { Observation, Shapes } from '#core/observation.ts'
import { httpIdentity } from '../services/web/http-identity.ts'
import { serverRules } from '../services/web/http-products.ts'
import { conclude, type Conclusion } from './conclusion.ts'
import { textsOfCertificate, textsOfIcon, textsOfPage, textsOfService } from './texts.ts'

/**
 * Adds to an observation what fingerprints know of it, and concludes from pages and certificates: the observation itself comes first. What a probe found out by
 * itself is never changed; only what it left open is filled in.
 */
export type Recognise = (seen: Observation) => readonly Observation[]

export function recogniseWith(fingerprints: Fingerprints): Recognise {
  return (seen) => {
    if (seen.kind === 'service') return [enriched(seen, conclude(fingerprints, textsOfService(seen)))]
    if (seen.kind === 'http' && seen.data.ask === 'GET /' && seen.data.path === '/') return [seen, ...behindPage(seen, fingerprints)]
    if (seen.kind === 'http' && seen.data.icon !== undefined) return [seen, ...behindIcon(seen, fingerprints)]
    if (seen.kind === 'tls' && seen.data.certificate !== null) return [seen, ...behindCertificate(seen, seen.data.certificate, fingerprints)]
    return [seen]
  }
}

function enriched(seen: Observation<'service'>, found: Conclusion | null): Observation<'service'> {
  if (found === null) return seen
  const { data } = seen
  const facts = { ...found.facts, ...data.facts }
  const filled = completed(data, found)
  const isMore = filled !== data || Object.keys(facts).length > Object.keys(data.facts).length
  if (!isMore) return seen
  return { ...seen, data: { ...filled, facts: { ...facts, recognisedBy: found.by } }, evidence: noted(seen.evidence, found) }
}

/** Product, version and CPE as far as they are missing; version and CPE only of the product that the probe itself named. */
function completed(data: Shapes['service'], { product, version, cpe }: Conclusion): Shapes['service'] {
  if (product === undefined) return data
  if (data.product === undefined) return data.version === undefined && data.cpe === undefined ? { ...data, product, ...(version === undefined ? {} : { version }), ...(cpe === undefined ? {} : { cpe }) } : data
  if (!sameProduct(data.product, product)) return data
  if (data.version !== undefined && data.version !== version) return data
  const more = { ...(data.version === undefined && version !== undefined ? { version } : {}), ...(isBetter(cpe, data.cpe) ? { cpe } : {}) }
  return Object.keys(more).length === 0 ? data : { ...data, ...more }
}

/** A CPE where there was none, or the same with its version. */
function isBetter(cpe: string | undefined, known: string | undefined): cpe is string {
  if (cpe === undefined) return false
  if (known === undefined) return true
  const [one, other] = [cpe, known].map((name) => name.split(':'))
  return other![5] === '*' && one![5] !== '*' && one!.slice(0, 5).join(':') === other!.slice(0, 5).join(':')
}

export function sameProduct(one: string, other: string): boolean {
  const [first, second] = [one, other].map((name) => name.toLowerCase().replace(/[^a-z0-9]/g, ''))
  return first!.length >= 3 && second!.length >= 3 && (first!.includes(second!) || second!.includes(first!))
}

/** The application or device that a root page shows, unless the probes of HTTP know it themselves. */
function behindPage(seen: Observation<'http'>, fingerprints: Fingerprints): readonly Observation<'service'>[] {
  const said = conclude(fingerprints, textsOfPage(seen.data))
  const found: Conclusion | null = said === null || said.product === undefined || !isServer(said.product) ? said : { facts: said.facts, by: said.by }
  if (found === null || (found.product === undefined && Object.keys(found.facts).length === 0)) return []
  const { path: _path, host: _host, ...at } = seen.at
  const { facts } = httpIdentity(seen.data)
  const own = Array.isArray(facts?.products) ? facts.products.map((name) => String(name).split('/', 1)[0]!) : []
  if (found.product !== undefined && own.some((name) => sameProduct(name, found.product!))) return []
  return [concluded(seen, at, found, { name: 'http', tls: seen.data.tls, layer: 'application' })]
}

function behindIcon(seen: Observation<'http'>, fingerprints: Fingerprints): readonly Observation<'service'>[] {
  const found = conclude(fingerprints, textsOfIcon(seen.data))
  const { path: _path, host: _host, ...at } = seen.at
  return found === null ? [] : [concluded(seen, at, found, { name: 'http', tls: seen.data.tls, layer: 'icon' })]
}

/** Web servers copy each other's pages (`Index of /`): which one it is, only its header tells. */
function isServer(product: string): boolean {
  return serverRules.some((rule) => sameProduct(rule.product, product))
}

function behindCertificate(seen: Observation<'tls'>, certificate: NonNullable<Shapes['tls']['certificate']>, fingerprints: Fingerprints): readonly Observation<'service'>[] {
  const [subject, issuer] = textsOfCertificate(certificate)
  // Who issued it says what it runs on only where it issued it to itself.
  const found = conclude(fingerprints, [...(subject === undefined ? [] : [subject]), ...(issuer !== undefined && certificate.selfSigned ? [issuer] : [])])
  return found === null ? [] : [concluded(seen, seen.at, found, { name: 'tls', tls: true, layer: 'certificate' })]
}

function concluded(seen: Observation, at: Observation['at'], found: Conclusion, kind: Readonly<{ name: string; tls: boolean; layer: string }>): Observation<'service'> {
  const { product, version, cpe, facts } = found
  const data: Shapes['service'] = {
    name: kind.name, tls: kind.tls, ...(product === undefined ? {} : { product }), ...(version === undefined ? {} : { version }), ...(cpe === undefined ? {} : { cpe }),
    facts: { layer: kind.layer, ...facts, recognisedBy: found.by },
  }
  // By whom the page or certificate was seen: when that probe has looked again and this is gone, it is gone.
  return { kind: 'service', at, seen: seen.seen, by: seen.by, data, evidence: noted(seen.evidence, found) }
}

function noted(evidence: Observation['evidence'], { by: names }: Conclusion): NonNullable<Observation['evidence']> {
  const note = `Named by fingerprint: ${names.join('; ')}`
  return { sent: evidence?.sent ?? '', received: evidence?.received ?? '', note: evidence?.note === undefined ? note : `${evidence.note}\n${note}` }
}
