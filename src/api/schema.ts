import { Type } from 'typebox'

/** Pieces that all subjects share. */
export const Id = Type.String({ format: 'uuid', maxLength: 36 })
export const Time = Type.String({ format: 'date-time', maxLength: 40 })
export const Nothing = Type.Null()
export const IdParams = Type.Object({ id: Id })
export const Email = Type.String({ format: 'email', minLength: 3, maxLength: 254 })

/** A short line written by people: names and titles, not blank; control characters are refused. */
export const line = (most: number, options: Readonly<{ description?: string }> = {}) =>
  Type.String({ minLength: 1, maxLength: most, pattern: '^(?=.*\\S)[^\\u0000-\\u001f\\u007f]*$', ...options })

/** Text of several lines. */
export const prose = (most: number) => Type.String({ maxLength: most, pattern: '^[^\\u0000-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]*$' })

/** One of some words: `oneOf(['asc', 'desc'])`. A wrong one is answered with the list. */
export const oneOf = <const Words extends readonly string[]>(words: Words) => Type.Unsafe<Words[number]>({ type: 'string', enum: [...words] })

export const nullable = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) => Type.Union([schema, Type.Null()])
