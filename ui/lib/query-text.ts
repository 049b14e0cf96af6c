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

export function quoteValue(value: string): string {
  return /^[\w.:/@*-]+$/.test(value) ? value : `"${value.replaceAll('"', '')}"`
}

const bare = (text: string): string => text.replace(/^"|"$/g, '')

/** Values that a query asks of a field: `severity:5` or `severity:(5 or 4)`. */
export function valuesOf(query: string, field: string): string[] {
  const found: string[] = []
  for (const token of queryTokens(query)) {
    if (!token.text.startsWith(`${field}:`)) continue
    const value = token.text.slice(field.length + 1)
    if (value.startsWith('(') && value.endsWith(')')) {
      for (const part of queryTokens(value.slice(1, -1))) if (!/^or$/i.test(part.text)) found.push(bare(part.text))
    } else found.push(bare(value))
  }
  return found
}

/** The query with the field asking for just these values; none takes the field out. */
export function withValues(query: string, field: string, values: readonly string[]): string {
  const rest = queryTokens(query).map((token) => token.text).filter((text) => !text.startsWith(`${field}:`))
  if (values.length === 1) rest.push(`${field}:${quoteValue(values[0]!)}`)
  if (values.length > 1) rest.push(`${field}:(${values.map(quoteValue).join(' or ')})`)
  return rest.join(' ')
}

export function toggleValue(query: string, field: string, value: string): string {
  const now = valuesOf(query, field)
  return withValues(query, field, now.includes(value) ? now.filter((other) => other !== value) : [...now, value])
}
