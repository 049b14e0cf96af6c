import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import { Ajv, type Options } from 'ajv'
import formats from 'ajv-formats'
import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'

const common: Options = {
  useDefaults: true,
  // An unknown field is told to the caller, not dropped: it is a typing error or a misunderstanding.
  removeAdditional: false,
  allErrors: false,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  strictTuples: false,
}

/**
 * Query and path are text, so `?limit=20` becomes a number; a body is JSON and says what it means: there `null` must not
 * become an empty string, as AJV's coercion would have it.
 */
export function validatorCompiler(): FastifySchemaCompiler<TSchema> {
  const [text, json] = [new Ajv({ ...common, coerceTypes: 'array' }), new Ajv(common)]
  for (const ajv of [text, json]) {
    formats.default(ajv)
    ajv.addVocabulary(['example'])
  }
  return ({ schema, httpPart }) => lazily(() => (httpPart === 'body' ? json : text).compile(schema) as unknown as Check) as never
}

type Check = ((data: unknown) => boolean) & { errors?: unknown }

/**
 * Compiled when a route is first called: 150 routes' worth takes half a second of every start, and most are not called before the next one.
 * fastify reads `errors` off the function it was given.
 */
function lazily(compile: () => Check): Check {
  let compiled: Check | null = null
  const check: Check = (data) => {
    compiled ??= compile()
    const holds = compiled(data)
    check.errors = compiled.errors
    const bad = holds ? unusable(data) : null
    if (bad === null) return holds
    check.errors = [{ instancePath: bad, keyword: 'pattern', params: {} }]
    return false
  }
  return check
}

/**
 * Path to the first value that no route can mean: a text with a NUL, which a database cannot hold, or a number that AJV's coercion made
 * infinite (`?limit=1e999`), past its own bounds.
 */
function unusable(data: unknown): string | null {
  if (typeof data === 'string') return data.includes('\0') ? '' : null
  if (typeof data === 'number') return Number.isFinite(data) ? null : ''
  if (typeof data !== 'object' || data === null) return null
  for (const [name, value] of Object.entries(data)) {
    const inside = unusable(value)
    if (inside !== null) return `/${name}${inside}`
  }
  return null
}

/** As `lazily`, for what writes answers. Fields that a schema does not name are dropped there: the guard against leaks. */
export const compilersFactory = {
  buildSerializer(external: unknown, options: unknown) {
    const build = SerializerSelector()(external as never, options as never)
    return (route: unknown) => {
      let write: ((data: unknown) => string) | null = null
      return (data: unknown): string => (write ??= build(route as never) as (data: unknown) => string)(data)
    }
  },
}
