import { openFeedInput } from '#formats/archive/open.ts'

/** Counted on the bare JSON, by the words of the data's own description: what a reader is measured against. */
export type Upstream = Readonly<Record<string, number>>

type Json = { [name: string]: any }

/** Of CVE records: those with versions that say something, with CPE names, with a CWE id. */
export async function countVulnrichment(path: string): Promise<Upstream> {
  const counts = { versions: 0, cpes: 0, cwe: 0 }
  for await (const record of documents(path, /CVE-\d{4}-\d+\.json$/)) {
    const containers = [record['containers'].cna, ...(record['containers'].adp ?? [])] as Json[]
    const affected = containers.flatMap((one) => (one['affected'] ?? []) as Json[])
    const says = (version: Json): boolean => !['n/a', 'unspecified'].includes(version['version']) || version['lessThan'] !== undefined || version['lessThanOrEqual'] !== undefined
    if (affected.some((one) => (one['versions'] ?? []).some(says))) counts.versions++
    if (affected.some((one) => (one['cpes'] ?? []).length > 0)) counts.cpes++
    if (containers.some((one) => (one['problemTypes'] ?? []).some((type: Json) => type['descriptions'].some((text: Json) => text['cweId'] !== undefined)))) counts.cwe++
  }
  return counts
}

/** Of overrides: CPE matches, and files that have any. */
export async function countOverrides(path: string): Promise<Upstream> {
  const counts = { criteria: 0, files: 0 }
  for await (const record of documents(path, /CVE-\d{4}-\d+\.json$/)) {
    const matches = ((record['cve'].configurations ?? []) as Json[]).flatMap((one) => one['nodes'] as Json[]).flatMap((one) => one['cpeMatch'] as Json[])
    counts.criteria += matches.length
    if (matches.length > 0) counts.files++
  }
  return counts
}

/** CVEs that the blocks of TOML name anywhere: also as related, and in addresses. */
export async function countRustsec(path: string): Promise<Upstream> {
  const named = new Set<string>()
  for await (const entry of (await openFeedInput(path)).entries()) {
    if (!entry.name.endsWith('.md')) continue
    const block = /```toml([\s\S]*?)\n```/.exec(Buffer.from(await entry.bytes()).toString())?.[1] ?? ''
    for (const cve of block.match(/CVE-\d{4}-\d{4,7}/g) ?? []) named.add(cve)
  }
  return { named: named.size }
}

async function* documents(path: string, form: RegExp): AsyncGenerator<Json> {
  for await (const entry of (await openFeedInput(path)).entries()) if (form.test(entry.name)) yield JSON.parse(Buffer.from(await entry.bytes()).toString()) as Json
}
