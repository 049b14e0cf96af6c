import { type Fields, fieldsOf, isFields, listOf, textOf, wordOf } from '../value/json-value.ts'

/** A product of the tree: what its branches and its own entry say of it. */
export type TreeProduct = Readonly<{
  id: string
  /** The whole name, for people. */
  title: string
  vendor?: string
  product?: string
  family?: string
  /** The version by itself, or a range as the vendor writes it. */
  version?: string
  range?: string
  architecture?: string
  cpe?: string
  purl?: string
  models: readonly string[]
  /** Where it is a part of another, or installed on one. */
  on?: string
  part?: string
}>

const deepest = 30
const mostProducts = 100_000

/** Products by id. A tree that is too deep or too large is cut there; ids that then point nowhere are told as such. */
export function readTree(tree: Fields): ReadonlyMap<string, TreeProduct> {
  const found = new Map<string, TreeProduct>()
  walk(listOf(tree['branches']), {}, 0, found)
  for (const value of listOf(tree['full_product_names'], mostProducts)) add(fieldsOf(value), {}, found)
  for (const value of listOf(tree['relationships'], mostProducts)) {
    const relation = fieldsOf(value)
    const part = wordOf(relation['product_reference'], 500)
    const on = wordOf(relation['relates_to_product_reference'], 500)
    if (part !== undefined && on !== undefined) add(fieldsOf(relation['full_product_name']), { part, on }, found)
  }
  return found
}

type Path = Partial<Pick<TreeProduct, 'vendor' | 'product' | 'family' | 'version' | 'range' | 'architecture' | 'part' | 'on'>>
const categories: Readonly<Record<string, keyof Path>> = {
  vendor: 'vendor', product_name: 'product', product_family: 'family', product_version: 'version', product_version_range: 'range', architecture: 'architecture', patch_level: 'version', service_pack: 'version',
}

function walk(branches: readonly unknown[], path: Path, depth: number, found: Map<string, TreeProduct>): void {
  if (depth > deepest) return
  for (const value of branches) {
    if (!isFields(value)) continue
    const category = typeof value['category'] === 'string' && Object.hasOwn(categories, value['category']) ? categories[value['category']] : undefined
    const name = wordOf(value['name'], 500)
    const next = category === undefined || name === undefined ? path : { ...path, [category]: name }
    if (value['product'] !== undefined) add(fieldsOf(value['product']), next, found)
    walk(listOf(value['branches']), next, depth + 1, found)
  }
}

function add(entry: Fields, path: Path, found: Map<string, TreeProduct>): void {
  const id = wordOf(entry['product_id'], 500)
  if (id === undefined || found.size >= mostProducts || found.has(id)) return
  const helper = fieldsOf(entry['product_identification_helper'])
  const cpe = wordOf(helper['cpe'], 1000)
  const purl = wordOf(helper['purl'], 1000) ?? wordOf(listOf(helper['purls'], 1)[0], 1000)
  const models = listOf(helper['model_numbers'], 100).map((one) => wordOf(one, 100)).filter((one) => one !== undefined)
  found.set(id, { id, title: textOf(entry['name'], 500) ?? id, models, ...path, ...(cpe === undefined ? {} : { cpe }), ...(purl === undefined ? {} : { purl }) })
}
