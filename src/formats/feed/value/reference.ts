import type { Reference } from '#core/knowledge/record.ts'

const most = 60
const longest = 1000

/** Collects web addresses, each once, the first 60. */
export function references(): Readonly<{ add(url: unknown, kind?: Reference['kind']): void; all: readonly Reference[] }> {
  const all: Reference[] = []
  const seen = new Set<string>()
  return {
    all,
    add(url, kind = 'web') {
      if (typeof url !== 'string' || url.length > longest || all.length >= most || seen.has(url) || !/^https?:\/\/[\w.[\]:-]+(?:[/?#][^\s"<>\\^`{|}]*)?$/i.test(url)) return
      seen.add(url)
      all.push({ url, kind })
    },
  }
}

const kinds: readonly (readonly [RegExp, Reference['kind']])[] = [
  [/exploit|evidence/i, 'exploit'],
  [/patch|fix|mitigation/i, 'fix'],
  [/advisory|vdb/i, 'advisory'],
  [/issue|report/i, 'report'],
  [/article|technical|mailing|press/i, 'article'],
  [/package|product/i, 'package'],
]

/** From tags of CVE and NVD records and types of OSV. */
export function referenceKind(tags: readonly unknown[]): Reference['kind'] {
  if (tags.length === 0) return 'web'
  const text = tags.slice(0, 20).map((tag) => (typeof tag === 'string' ? tag.slice(0, 60) : '')).join(' ')
  return kinds.find(([form]) => form.test(text))?.[1] ?? 'web'
}
