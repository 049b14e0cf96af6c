import type { SourceName } from '#core/knowledge/record.ts'

/** The place in this list is the bit in `vulnerability.sources`. New names go to the end; none is taken out. */
export const sourceOrder: readonly SourceName[] = [
  'vigil', 'nuclei', 'recog', 'retirejs', 'kev', 'epss', 'cve', 'vulnrichment', 'nvd', 'nvd-overrides', 'osv', 'ghsa', 'rustsec', 'csaf', 'debian', 'ubuntu', 'redhat', 'alpine', 'endoflife',
  'oui', 'publicsuffix', 'scap',
]

export function sourceBit(name: SourceName): number {
  return 1 << sourceOrder.indexOf(name)
}

/** Bits of `vulnerability.detection`, with the words that people write for them. */
export const detectionBits = { signature: 1, template: 2, package: 4, product: 8, library: 16, industrial: 32 } as const

export function detectionWords(bits: number): string[] {
  return Object.entries(detectionBits).filter(([, bit]) => (bits & bit) !== 0).map(([word]) => word)
}

/** Sources of which a feed is only a part: which part a file is, is told from its name without the day in it. */
const inParts: ReadonlySet<SourceName> = new Set(['osv', 'oui', 'scap', 'nvd', 'debian', 'ubuntu', 'redhat', 'alpine', 'ghsa', 'csaf'])

/** `osv`, `…/osv/Go/all.zip` → `Go`; `scap`, `ssg-rhel9-ds.xml.gz` → `ssg-rhel9-ds`; sources that come whole → ''. */
export function feedOf(source: SourceName, path: string): string {
  if (!inParts.has(source)) return ''
  const parts = path.replaceAll('\\', '/').split('/').filter((part) => part !== '' && part !== '.')
  const file = (parts.at(-1) ?? '').replace(/(\.(gz|zip|tar|tgz|json|xml|bz2|xz|zst|csv|oval|cve|jsonl|vigil))+$/i, '').replace(/[-_.]?\d{4}-\d{2}-\d{2}/g, '')
  // A new version takes the place of the one before.
  if (source === 'scap') return file.replace(/^(scap-security-guide)-\d[\d.]*$/, '$1')
  if (source === 'osv' || source === 'alpine') return file === 'all' || source === 'alpine' ? [parts.at(-2) ?? '', ...(file === 'all' ? [] : [file])].filter((part) => part !== '').join('/') : file
  return file
}
