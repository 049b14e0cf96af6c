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
