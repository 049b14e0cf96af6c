import type { Value } from './names.ts'
import type { WebRoot } from './web-root.ts'

/** Suffixes below which names are handed out one level further down, as `example.co.uk`. */
const second = new Set(['co', 'com', 'net', 'org', 'gov', 'edu', 'ac', 'or', 'ne', 'go'])

const made = new WeakMap<WebRoot, ReadonlyMap<string, Value>>()

/** Names that follow from where the target is: `{{BaseURL}}`, `{{Hostname}}`, `{{RDN}}` and their like. The web root has no path of its own. */
export function urlNames(root: WebRoot): ReadonlyMap<string, Value> {
  const known = made.get(root)
  if (known !== undefined) return known
  const base = `${root.scheme}://${root.authority}`
  const names = new Map<string, Value>([
    ['BaseURL', base], ['RootURL', base], ['Hostname', root.authority], ['Host', root.host], ['Port', String(root.port)], ['Path', ''], ['Query', ''], ['File', ''],
    ['Scheme', root.scheme], ['Input', base], ['ip', root.address],
  ])
  for (const [name, value] of domainNames(root.host)) names.set(name, value)
  made.set(root, names)
  return names
}

/** `FQDN` is the whole name; `RDN` what is registered, `DN` that without its suffix, `TLD` the suffix, `SD` what stands before. */
export function domainNames(host: string): readonly (readonly [string, Value])[] {
  const labels = host.replace(/\.$/, '').split('.')
  if (labels.length < 2 || host.includes(':')) return [['FQDN', host]]
  const last = labels.at(-1)!
  const deep = labels.length > 2 && last.length === 2 && !/^\d+$/.test(last) && second.has(labels.at(-2)!) ? 2 : 1
  const suffix = labels.slice(-deep).join('.')
  const own = labels[labels.length - deep - 1]!
  return [['FQDN', host], ['RDN', `${own}.${suffix}`], ['DN', own], ['TLD', suffix], ['SD', labels.slice(0, -deep - 1).join('.')]]
}
