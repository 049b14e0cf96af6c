/** A field of the query bar: `name:value`. `values` are offered while it is typed. */
export type QueryField = Readonly<{ name: string; about: string; values?: readonly Readonly<{ value: string; label: string }>[] }>
export type QueryToken = Readonly<{ text: string; from: number; to: number }>

/** Cuts a query at spaces outside of quotes, brackets and parentheses. */
export function queryTokens(query: string): QueryToken[] {
  const tokens: QueryToken[] = []
  let from = -1
  let quoted = false
  let depth = 0
  for (let at = 0; at <= query.length; at++) {
    const character = query[at]
    const ends = character === undefined || (/\s/.test(character) && !quoted && depth <= 0)
    if (ends) {
      if (from >= 0) tokens.push({ text: query.slice(from, at), from, to: at })
      from = -1
      continue
    }
    if (from < 0) from = at
    if (character === '"') quoted = !quoted
    if (!quoted && (character === '[' || character === '(')) depth++
    if (!quoted && (character === ']' || character === ')')) depth--
  }
  return tokens
}

/** As `formatTerm` of src/core/query/query.ts writes it. */
export function quoteValue(value: string): string {
  return /^[\p{L}\p{N}._/-]+$/u.test(value) && !value.includes('..') ? value : `"${value.replace(/["\\]/g, '\\$&')}"`
}

/** Values that a query asks of a field as they are: `severity:5,4`. Comparisons and ranges are not values. */
export function valuesOf(query: string, field: string): string[] {
  return queryTokens(query).filter((token) => token.text.startsWith(`${field}:`)).flatMap((token) => splitValues(token.text.slice(field.length + 1)))
}

/** `5,"a, b",c` → the values without their quotes. */
function splitValues(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"|[^,"]+/g)].map((match) => (match[1] === undefined ? match[0] : match[1].replace(/\\(.)/g, '$1')))
}

/** The query with the field asking for just these values; none takes the field out. */
export function withValues(query: string, field: string, values: readonly string[]): string {
  const rest = queryTokens(query).map((token) => token.text).filter((text) => !text.startsWith(`${field}:`))
  return values.length === 0 ? rest.join(' ') : [...rest, `${field}:${values.map(quoteValue).join(',')}`].join(' ')
}

export function toggleValue(query: string, field: string, value: string): string {
  const now = valuesOf(query, field)
  return withValues(query, field, now.includes(value) ? now.filter((other) => other !== value) : [...now, value])
}

/** A choice as the platform's facets offer it; `term` is what asks for it, most often `field:value`. */
export type Choice = Readonly<{ value: string; term: string }>

export function hasChoice(query: string, field: string, { value, term }: Choice): boolean {
  return isPlain(field, value, term) ? valuesOf(query, field).includes(value) : queryTokens(query).some((token) => token.text === term)
}

/** Values of a field add up (`severity:5,4`); a term that is a range takes the place of what was asked of its field. */
export function toggleChoice(query: string, field: string, { value, term }: Choice): string {
  if (isPlain(field, value, term)) return toggleValue(query, field, value)
  return hasChoice(query, field, { value, term }) ? withValues(query, field, []) : [withValues(query, field, []), term].filter((text) => text !== '').join(' ')
}

function isPlain(field: string, value: string, term: string): boolean {
  return term === `${field}:${quoteValue(value)}`
}
