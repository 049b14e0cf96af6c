/** A JSON object out of hostile text of at most a mebibyte, or null. Depth is V8's business: its parser is bounded by the length. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  const value = parseJson(text)
  return isObject(value) ? value : null
}

export function parseJson(text: string): unknown {
  if (text.length > 1_048_576) return null
  try {
    return JSON.parse(text) as unknown
  } catch {
    return null
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
