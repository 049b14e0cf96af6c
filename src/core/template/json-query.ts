import { bytesOf, textOf } from './bytes.ts'
import { evaluateQuery } from './json/evaluate.ts'
import { parseQuery } from './json/parse.ts'
import { BadQuery, type Json, type Query } from './json/tree.ts'

/** What is wrong with a query of jq, or null. */
export function checkJson(query: string): string | null {
  try {
    queryOf(query)
    return null
  } catch (error) {
    if (error instanceof BadQuery) return error.message
    throw error
  }
}

const parsed = new Map<string, Query>()
const steps = 200_000
const mostFound = 1000

function queryOf(source: string): Query {
  let known = parsed.get(source)
  if (known === undefined) {
    known = parseQuery(source)
    if (parsed.size < 5000) parsed.set(source, known)
  }
  return known
}

/** What queries find in bytes that are JSON, as texts: texts as they are, everything else as JSON. Nothing for null, nothing where it is no JSON; an error of a query ends that query. */
export function findJson(queries: readonly string[], bytes: string): readonly string[] {
  let json: Json
  try {
    json = JSON.parse(textOf(bytes)) as Json
  } catch {
    return []
  }
  const found: string[] = []
  for (const query of queries) {
    try {
      for (const value of evaluateQuery(queryOf(query), json, { left: steps })) {
        if (value === null) continue
        found.push(bytesOf(typeof value === 'string' ? value : JSON.stringify(value)))
        if (found.length >= mostFound) return found
      }
    } catch (error) {
      // The stack of a value that is nested too deep is one of its errors.
      if (!(error instanceof BadQuery) && !(error instanceof RangeError)) throw error
    }
  }
  return found
}
