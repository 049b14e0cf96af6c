import type { Observation, Scalar } from '../observation.ts'
import { cookiesWith } from './cookies.ts'

export type Value = Scalar | readonly Scalar[] | undefined

/** One observation as rules read it: fields by dotted path, each resolved and folded at most once. */
export type View = Readonly<{
  get(path: string): Value
  /** Text field in lower case; '' when it is no text. */
  lower(path: string): string
}>

/** Longest text a rule looks at; probes keep to less. */
const longestText = 65_536
const mostMembers = 4_096

export function viewOf(seen: Observation): View {
  const values = new Map<string, Value>()
  const lowers = new Map<string, string>()
  const get = (path: string): Value => {
    if (values.has(path)) return values.get(path)
    const value = bounded(resolve(seen, path))
    values.set(path, value)
    return value
  }
  return {
    get,
    lower: (path) => {
      let text = lowers.get(path)
      if (text === undefined) {
        const value = get(path)
        text = typeof value === 'string' ? value.toLowerCase() : ''
        lowers.set(path, text)
      }
      return text
    },
  }
}

/** Texts of a field that patterns run over: the text, or each member of a list; numbers as written. */
export function textsOf(value: Value): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'object' ? value.map(String) : [String(value)]
}

function resolve(seen: Observation, path: string): unknown {
  if (path === '$seen') return seen.seen
  if (path === '$port') return seen.at.port
  if (path === '$host') return seen.at.host
  if (path === '$cookies.insecure' || path === '$cookies.scripted' || path === '$cookies.crossSite') {
    const header = seen.kind === 'http' && Object.hasOwn(seen.data.headers, 'set-cookie') ? seen.data.headers['set-cookie']! : ''
    const names = cookiesWith(
      path === '$cookies.insecure' ? 'insecure' : path === '$cookies.scripted' ? 'scripted' : 'crossSite',
      header,
    )
    return names.length === 0 ? undefined : names
  }
  let value: unknown = seen.data
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[name]
  }
  return value
}

function bounded(value: unknown): Value {
  if (typeof value === 'string') return value.length > longestText ? value.slice(0, longestText) : value
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.slice(0, mostMembers).filter(isScalar)
  return undefined
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
