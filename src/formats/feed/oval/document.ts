import { readXml } from '../value/xml.ts'

/** A node of criteria: a test with what it says in words, or several joined. */
export type Criteria =
  | Readonly<{ kind: 'all' | 'any'; negate: boolean; of: readonly Criteria[] }>
  | Readonly<{ kind: 'test'; negate: boolean; test: string; comment: string }>
  | Readonly<{ kind: 'definition'; negate: boolean; definition: string; comment: string }>

export type Definition = Readonly<{
  id: string
  class: string
  title: string
  description: string
  platforms: readonly string[]
  references: readonly Readonly<{ source: string; id: string; url: string }>[]
  severity: string
  issued: string
  updated: string
  /** `cve` elements of an advisory: id, with what they say as attributes. */
  cves: readonly Readonly<{ id: string; attributes: Readonly<Record<string, string>> }>[]
  /** How a component stands that has no fix: `Will not fix`, by name of the component. */
  resolutions: ReadonlyMap<string, string>
  criteria: Criteria | null
}>

/** A test on packages: which, and in what state; one without a state asks whether they are installed. */
export type PackageTest = Readonly<{ names: readonly string[]; below: string | null; operation: string | null; architectures: string | null }>

export type OvalDocument = Readonly<{ definitions: readonly Definition[]; generated: string; tests: ReadonlyMap<string, PackageTest>; dropped: number }>

const mostDefinitions = 200_000
const mostThings = 2_000_000
const deepest = 20
const longest = 20_000

type Open = { kind: 'all' | 'any'; negate: boolean; of: Criteria[] }

/**
 * Reads OVAL definitions with their tests on rpm and dpkg packages; other tests are known by what the criteria say of them in words. Throws as `readXml` does.
 */
export async function readOval(path: string, stream: AsyncIterable<Uint8Array>, most?: number): Promise<OvalDocument> {
  const definitions: Definition[] = []
  const objects = new Map<string, { name: string; variable: string }>()
  const states = new Map<string, { evr: string; operation: string; architecture: string }>()
  const variables = new Map<string, string[]>()
  const links = new Map<string, { object: string; states: string[] }>()
  let generated = ''
  let dropped = 0
  let definition: { -readonly [K in keyof Definition]: Definition[K] } | null = null
  let stack: Open[] = []
  let text = ''
  let current = { id: '', kind: '' }
  let component: string[] = []
  let resolution = ''
  let attributes: Readonly<Record<string, string>> = {}

  await readXml(path, 'OVAL definitions', stream, {
    open(name, given) {
      text = ''
      attributes = given
      if (name === 'definition') {
        definition = {
          id: given['id'] ?? '', class: given['class'] ?? '', title: '', description: '', platforms: [], references: [], severity: '', issued: '', updated: '', cves: [], resolutions: new Map(),
          criteria: null,
        }
        stack = []
      } else if (name === 'criteria') stack.push({ kind: given['operator'] === 'OR' ? 'any' : 'all', negate: given['negate'] === 'true', of: [] })
      else if (name === 'criterion') stack.at(-1)?.of.push({ kind: 'test', negate: given['negate'] === 'true', test: given['test_ref'] ?? '', comment: (given['comment'] ?? '').slice(0, 500) })
      else if (name === 'extend_definition') {
        stack.at(-1)?.of.push({ kind: 'definition', negate: given['negate'] === 'true', definition: given['definition_ref'] ?? '', comment: (given['comment'] ?? '').slice(0, 500) })
      } else if (name === 'reference' && definition !== null) {
        (definition.references as Definition['references'][number][]).push({ source: given['source'] ?? '', id: given['ref_id'] ?? '', url: given['ref_url'] ?? '' })
      } else if (name === 'issued' && definition !== null) definition.issued = given['date'] ?? ''
      else if (name === 'updated' && definition !== null) definition.updated = given['date'] ?? ''
      else if (name === 'resolution') {
        resolution = given['state'] ?? ''
        component = []
      } else if (/^(?:rpminfo|dpkginfo)_(?:test|object|state)$/.test(name) || name === 'constant_variable') {
        current = { id: given['id'] ?? '', kind: name }
        if (name.endsWith('_test') && links.size < mostThings) links.set(current.id, { object: '', states: [] })
        if (name.endsWith('_object') && objects.size < mostThings) objects.set(current.id, { name: '', variable: '' })
        if (name.endsWith('_state') && states.size < mostThings) states.set(current.id, { evr: '', operation: '', architecture: '' })
        if (name === 'constant_variable' && variables.size < mostThings) variables.set(current.id, [])
      } else if (name === 'object' && current.kind.endsWith('_test')) {
        const link = links.get(current.id)
        if (link !== undefined) link.object = given['object_ref'] ?? ''
      } else if (name === 'state' && current.kind.endsWith('_test')) links.get(current.id)?.states.push(given['state_ref'] ?? '')
      else if (name === 'name' && current.kind.endsWith('_object')) {
        const object = objects.get(current.id)
        if (object !== undefined) object.variable = given['var_ref'] ?? ''
      }
    },
    text(piece) {
      if (text.length < longest) text += piece
    },
    close(name) {
      const said = text.trim()
      text = ''
      if (name === 'criteria') {
        const done = stack.pop()
        if (done === undefined) return
        if (stack.length > deepest) {
          dropped++
          return
        }
        const parent = stack.at(-1)
        if (parent !== undefined) parent.of.push(done)
        else if (definition !== null) definition.criteria = done
      } else if (name === 'definition') {
        if (definition !== null && definitions.length < mostDefinitions) definitions.push(definition)
        else dropped++
        definition = null
      } else if (name === 'timestamp' && generated === '') generated = said
      else if (definition !== null) closeIn(definition, name, said, attributes, { resolution, component })
      else if (current.kind.endsWith('_object') && name === 'name') {
        const object = objects.get(current.id)
        if (object !== undefined) object.name = said
      } else if (current.kind.endsWith('_state') && (name === 'evr' || name === 'arch')) {
        const state = states.get(current.id)
        if (state !== undefined && name === 'arch') state.architecture = said.slice(0, 200)
        else if (state !== undefined) {
          state.evr = said
          state.operation = attributes['operation'] ?? 'equals'
        }
      } else if (current.kind === 'constant_variable' && name === 'value') {
        const values = variables.get(current.id)
        if (values !== undefined && values.length < 1000) values.push(said)
      } else if (name === current.kind) current = { id: '', kind: '' }
    },
  }, most)

  const tests = new Map<string, PackageTest>()
  for (const [id, link] of links) {
    const object = objects.get(link.object)
    if (object === undefined) continue
    const names = object.variable === '' ? (object.name === '' ? [] : [object.name]) : (variables.get(object.variable) ?? [])
    const found = link.states.map((state) => states.get(state))
    const state = found.find((one) => one !== undefined && one.evr !== '')
    const architecture = found.find((one) => one !== undefined && one.architecture !== '')?.architecture
    // A state that is not there, or asks for a key or a release, is no range.
    tests.set(id, { names, below: state?.evr ?? null, operation: state?.operation ?? (link.states.length > 0 ? 'other' : null), architectures: architecture ?? null })
  }
  return { definitions, generated, tests, dropped }
}

function closeIn(definition: { -readonly [K in keyof Definition]: Definition[K] }, name: string, said: string, attributes: Readonly<Record<string, string>>, at: { resolution: string; component: string[] }): void {
  if (name === 'title' && definition.title === '') definition.title = said.slice(0, 500)
  else if (name === 'description' && definition.description === '') definition.description = said
  else if (name === 'platform') (definition.platforms as string[]).push(said.slice(0, 200))
  else if (name === 'severity' && definition.severity === '') definition.severity = said.slice(0, 40)
  else if ((name === 'public_date' || name === 'date') && definition.issued === '') definition.issued = said.slice(0, 40)
  else if (name === 'cve' && definition.cves.length < 2000) (definition.cves as Definition['cves'][number][]).push({ id: said.slice(0, 40), attributes })
  else if (name === 'component') at.component.push(said.slice(0, 300))
  else if (name === 'resolution') for (const one of at.component) (definition.resolutions as Map<string, string>).set(one, at.resolution)
}
