import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Type, type Static } from 'typebox'
import { VigilError } from '#core/errors.ts'

/** RFC 9457. `code` is the catalogue's, stable for programs; `detail` is for people; `errors` names the fields at fault. */
export const Problem = Type.Object(
  {
    type: Type.String({ maxLength: 200 }),
    title: Type.String({ maxLength: 200 }),
    status: Type.Integer(),
    code: Type.String({ maxLength: 100 }),
    detail: Type.String({ maxLength: 2000 }),
    request: Type.String({ maxLength: 60 }),
    errors: Type.Optional(Type.Array(Type.Object({ field: Type.String({ maxLength: 200 }), text: Type.String({ maxLength: 500 }) }), { maxItems: 20 })),
  },
  { $id: 'Problem', title: 'Problem', description: 'What went wrong (RFC 9457).' },
)
export type Problem = Static<typeof Problem>

const titles: Readonly<Record<number, string>> = {
  400: 'Bad request', 401: 'Not signed in', 403: 'Not allowed', 404: 'Not found', 405: 'Method not allowed', 406: 'Not acceptable',
  408: 'Too slow', 409: 'Conflict', 413: 'Too large', 415: 'Unsupported format', 421: 'Wrong address', 429: 'Too many requests',
  500: 'Internal error', 503: 'Not ready',
}

/** The one place where an error becomes an answer. What we did not foresee is logged in full and told to no one. */
export function answerError(error: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (reply.sent || reply.raw.headersSent) {
    request.log.error({ err: error }, 'error after the answer had begun')
    reply.raw.destroy()
    return reply
  }
  if (error instanceof VigilError) {
    if (error.status >= 500) request.log.error({ err: error }, 'request failed')
    if (error.code === 'rate_limited') reply.header('retry-after', String(error.params['seconds'] ?? 60))
    return send(request, reply, error.status, error.code, error.message)
  }
  const known = error as FastifyError
  if (known.validation !== undefined) {
    const errors = fieldErrors(known, known.validationContext === 'querystring' ? parametersOf(request) : null)
    const detail = errors.map(({ field, text }) => (field === '' ? text : `${field} ${text}`)).join('; ')
    return send(request, reply, 400, 'invalid', `${detail.slice(0, 1).toUpperCase()}${detail.slice(1)}.`, errors)
  }
  const status = known.statusCode ?? 500
  if (status < 500) return send(request, reply, status, codes[known.code] ?? 'invalid', clientText(known))
  request.log.error({ err: error }, 'request failed')
  return send(request, reply, 500, 'internal', `Something went wrong on our side. Reference ${request.id}.`)
}

export function answerNotFound(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return send(request, reply, 404, 'not_found', `There is nothing at ${request.method} ${request.url.split('?')[0]!.slice(0, 200)}.`)
}

function send(request: FastifyRequest, reply: FastifyReply, status: number, code: string, detail: string, errors?: Problem['errors']): FastifyReply {
  const problem: Problem = {
    type: `urn:vigil:error:${code}`, title: titles[status] ?? 'Error', status, code, detail: detail.slice(0, 2000), request: request.id,
    ...(errors === undefined ? {} : { errors }),
  }
  // Serialised here, since a route's response schema must not be able to drop part of a problem.
  return reply.status(status).header('content-type', 'application/problem+json; charset=utf-8').serializer((value: unknown) => JSON.stringify(value)).send(problem)
}

const codes: Readonly<Record<string, string>> = { FST_ERR_CTP_BODY_TOO_LARGE: 'too_large', FST_ERR_RATE_LIMIT: 'rate_limited' }

/** Fastify's own refusals, in our words: its texts speak to programmers. */
function clientText(error: FastifyError): string {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': return 'The request body is too large.'
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': return 'Send the body as application/json.'
    case 'FST_ERR_CTP_EMPTY_JSON_BODY': return 'The request body is empty; it must be JSON.'
    case 'FST_ERR_CTP_INVALID_JSON_BODY': return 'The request body is not valid JSON.'
    default: return error instanceof SyntaxError ? 'The request body is not valid JSON.' : 'The request could not be understood.'
  }
}

type Fault = Readonly<{ instancePath: string; keyword: string; params: Readonly<Record<string, unknown>>; message?: string }>

/** What the route takes in its query. */
function parametersOf(request: FastifyRequest): readonly string[] {
  const query = (request.routeOptions.schema?.querystring ?? {}) as Readonly<{ properties?: object }>
  return Object.keys(query.properties ?? {})
}

/** `parameters`: those of the query, when it is the query that is wrong. */
function fieldErrors(error: FastifyError, parameters: readonly string[] | null): NonNullable<Problem['errors']> {
  const seen = new Set<string>()
  const errors: { field: string; text: string }[] = []
  for (const fault of error.validation as unknown as readonly Fault[]) {
    const entry = fieldError(fault, parameters)
    const key = `${entry.field} ${entry.text}`
    if (!seen.has(key) && errors.length < 20) errors.push(entry)
    seen.add(key)
  }
  // A union that fails reports each branch and then itself: the branches say more.
  return errors.length > 1 ? errors.filter(({ text }) => text !== unclear) : errors
}

const unclear = 'has none of the allowed forms'

function fieldError({ instancePath, keyword, params, message }: Fault, parameters: readonly string[] | null): { field: string; text: string } {
  const field = instancePath.slice(1).replaceAll('/', '.').slice(0, 200)
  const inside = (name: unknown): string => (field === '' ? String(name) : `${field}.${String(name)}`).slice(0, 200)
  switch (keyword) {
    case 'required': return { field: inside(params['missingProperty']), text: 'is missing' }
    case 'additionalProperties': return { field: inside(params['additionalProperty']), text: parameters === null ? 'is not a known field' : unknownParameter(parameters) }
    case 'minLength': return { field, text: params['limit'] === 1 ? 'must not be empty' : `must have at least ${String(params['limit'])} characters` }
    case 'maxLength': return { field, text: `must have at most ${String(params['limit'])} characters` }
    case 'minimum': return { field, text: `must be at least ${String(params['limit'])}` }
    case 'maximum': return { field, text: `must be at most ${String(params['limit'])}` }
    case 'minItems': return { field, text: `needs at least ${String(params['limit'])} entries` }
    case 'maxItems': return { field, text: `takes at most ${String(params['limit'])} entries` }
    case 'enum': return { field, text: `must be one of ${(params['allowedValues'] as unknown[]).join(', ')}` }
    case 'const': return { field, text: `must be ${String(params['allowedValue'])}` }
    case 'format': return { field, text: `is not a valid ${formats[String(params['format'])] ?? String(params['format'])}` }
    case 'type': return { field, text: `must be ${types[String(params['type'])] ?? String(params['type'])}` }
    case 'pattern': return { field, text: 'has characters or a form that is not allowed' }
    case 'anyOf': case 'oneOf': return { field, text: unclear }
    default: return { field, text: (message ?? 'is not valid').slice(0, 300) }
  }
}

function unknownParameter(known: readonly string[]): string {
  return known.length === 0 ? 'is not a known parameter: there are none here' : `is not a known parameter; there are ${known.join(', ')}`.slice(0, 500)
}

const types: Readonly<Record<string, string>> = { string: 'text', number: 'a number', integer: 'a whole number', boolean: 'true or false', array: 'a list', object: 'an object', null: 'null' }

const formats: Readonly<Record<string, string>> = { uuid: 'id', email: 'e-mail address', 'date-time': 'time (like 2026-11-24T08:00:00Z)', date: 'date (like 2026-11-24)', uri: 'URL' }
