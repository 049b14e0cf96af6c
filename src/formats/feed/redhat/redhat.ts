import type { Affected } from '#core/knowledge/affected.ts'
import type { CvssStatement, Statement } from '#core/knowledge/record.ts'
import { putAdvisory } from '../csaf/advisory.ts'
import { leavesOf } from '../oval/criteria.ts'
import { putDefinitions } from '../oval/definitions.ts'
import type { Definition, OvalDocument } from '../oval/document.ts'
import { putRecord } from '../osv/osv.ts'
import type { FeedReader } from '../reader.ts'
import { cvssOf } from '../value/cvss.ts'
import { redHatEcosystem } from '../value/ecosystem.ts'
import { type Sink, jsonOf, runFeed } from '../value/feed-run.ts'
import { cweOf, fieldsOf, isCve, known, textOf, timeOf, unique } from '../value/json-value.ts'
import { references } from '../value/reference.ts'

/** Red Hat's own word on its packages: OVAL, CSAF-VEX, or records of OSV. */
export const redhat: FeedReader = {
  source: {
    name: 'redhat', title: 'Red Hat Security Data', licence: 'CC-BY-4.0', attribution: 'Red Hat, Inc.', homepage: 'https://security.access.redhat.com/data/',
    upstream: ['https://security.access.redhat.com/data/csaf/v2/vex/'],
  },
  recognises: (path) => /(?:^|\/)red-?hat(?:[-_.][^/]*)?(?:\/|$)|(?:^|\/)(?:com\.redhat\.|rhel-\d)[\w.+-]*\.oval\.xml(?:\.gz)?$|(?:^|\/)com\.redhat\.[\w.-]+\.xml(?:\.gz)?$/i.test(path),
  read(input) {
    const newest = new Map<string, string>()
    return runFeed(input, {
      what: 'security data of Red Hat',
      takes: (name) => /\.(?:json|xml)(?:\.gz)?$/.test(name) && !/(?:^|\/)(?:provider-metadata|index|changes|releases|deletions)\.json$/.test(name),
      entry(bytes, name, sink) {
        if (/\.xml(?:\.gz)?$/.test(name)) return putDefinitions(input.name, bytes, sink, putDefinition)
        const value = jsonOf(bytes)
        if (fieldsOf(value)['document'] === undefined) putRecord(value, sink)
        else putAdvisory(value, newest, sink)
        return 1
      },
    })
  },
}

function releaseOf(comment: string): string | null {
  const found = /^Red Hat Enterprise Linux (?:\w+ )?(\d{1,2})(?:\.\d+)?(?: \w+)? is installed$/.exec(comment)
  return found === null ? null : `Red Hat:${found[1]}`
}

function putDefinition(definition: Definition, document: OvalDocument, sink: Sink): void {
  const advisory = definition.references.find(({ source }) => /^RH[SBE]A$/.test(source))?.id
  const cves = unique([...definition.cves.map((one) => one.id), ...definition.references.filter(({ source }) => source === 'CVE').map((one) => one.id)].filter(isCve))
  const key = (advisory ?? definition.id).slice(0, 200)
  if (cves.length === 0) return sink.unused(key, 'no-cve', definition.title)
  const rating = definition.severity === '' || definition.severity === 'None' ? undefined : definition.severity.toLowerCase()
  const { leaves, lost } = leavesOf(definition.criteria, document, releaseOf)
  const fallback = definition.platforms.map((one) => /^Red Hat Enterprise Linux (\d{1,2})$/.exec(one)?.[1]).find((one) => one !== undefined)
  const groups = new Map<string, { name: string; ecosystem: string; status: Affected['status']; before: Set<string>; architectures: string | null }>()
  let modules = 0
  for (const leaf of leaves) {
    const ecosystem = leaf.release ?? (fallback === undefined ? null : redHatEcosystem(`enterprise_linux:${fallback}`))
    if (ecosystem === null) {
      lose(lost, 'no-release')
      continue
    }
    // "is installed" beside a module would stand for all of its streams.
    if (leaf.below === null && leaf.module !== null) {
      modules++
      continue
    }
    for (const name of leaf.names) {
      const status = leaf.below === null ? standing(definition, name) : 'affected'
      const id = JSON.stringify([ecosystem, name, status, leaf.architectures])
      const group = groups.get(id) ?? { name, ecosystem, status, before: new Set(), architectures: leaf.architectures }
      groups.set(id, group)
      if (leaf.below !== null) group.before.add(leaf.below)
    }
  }
  if (modules > 0) lose(lost, 'module-unfixed')
  const links = references()
  for (const { url, source } of definition.references) links.add(url, source === 'CVE' ? 'web' : 'advisory')
  const published = timeOf(definition.issued)
  const modified = timeOf(definition.updated)
  sink.seen(modified)
  for (const cve of cves) {
    const about = definition.cves.find((one) => one.id === cve)?.attributes ?? {}
    const impact = about['impact']?.toLowerCase() ?? rating
    sink.put(known({
      record: 'statement', vulnerability: cve, key, aliases: [], title: textOf(definition.title, 500), details: textOf(definition.description), published, modified, rating: impact,
      cvss: cvssIn(about), cwe: unique((about['cwe'] ?? '').split(/->|[|()]/).map(cweOf).filter((one) => one !== undefined)), references: links.all, products: [],
    }) as Statement)
    for (const { name, ecosystem, status, before, architectures } of groups.values()) {
      const of = architecturesOf(architectures)
      sink.put({
        record: 'affected', vulnerability: cve, key, product: { ecosystem, name }, of: 'binary', scheme: 'rpm', versions: [], status, fixed: [...before],
        intervals: before.size > 0 ? [...before].map((one) => ({ before: one })) : status === 'notAffected' ? [] : [{}], ...(impact === undefined ? {} : { rating: impact }),
        ...(of === null ? {} : { architectures: of }),
      })
    }
  }
  for (const [reason, count] of lost) sink.unused(key, reason, `${count} of its tests`)
}

function lose(lost: ReadonlyMap<string, number>, reason: string): void {
  ;(lost as Map<string, number>).set(reason, (lost.get(reason) ?? 0) + 1)
}

/** What is installed and has no fix: what the definition says of the component. */
function standing(definition: Definition, name: string): Affected['status'] {
  const own = definition.resolutions.get(name) ?? [...definition.resolutions].find(([component]) => component.split('/').at(-1) === name)?.[1] ?? [...definition.resolutions.values()][0]
  if (own === 'Under investigation') return 'underInvestigation'
  return own === 'Not affected' ? 'notAffected' : 'unfixed'
}

/** `9.8/CVSS:3.1/AV:…`. */
function cvssIn(about: Readonly<Record<string, string>>): readonly CvssStatement[] {
  return ['cvss3', 'cvss2', 'cvss4'].map((name) => {
    const found = /^([\d.]{1,4})\/(\S{5,300})$/.exec(about[name] ?? '')
    return found === null ? null : cvssOf(found[2], found[1], 'Red Hat')
  }).filter((one) => one !== null)
}

/** `aarch64|x86_64`; a pattern of any other kind is no list. */
function architecturesOf(pattern: string | null): readonly string[] | null {
  if (pattern === null || !/^[\w]+(?:\|[\w]+)*$/.test(pattern) || pattern.includes('noarch')) return null
  return pattern.split('|')
}
