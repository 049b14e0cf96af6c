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
  return ({ schema, httpPart }) => (httpPart === 'body' ? json : text).compile(schema) as never
}
