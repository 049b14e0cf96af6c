import { bytesOf } from './bytes.ts'
import { asText, evaluatePath, textOfFound } from './path/evaluate.ts'
import { parsePath } from './path/parse.ts'
import { BadPath, type Markup, type Path } from './path/tree.ts'

/** What is wrong with a path, or null. */
export function checkPath(path: string): string | null {
  try {
    pathOf(path)
    return null
  } catch (error) {
    if (error instanceof BadPath) return error.message
    throw error
  }
}

const parsed = new Map<string, Path>()
const steps = 500_000
const mostFound = 1000

function pathOf(source: string): Path {
  let known = parsed.get(source)
  if (known === undefined) {
    known = parsePath(source)
    if (parsed.size < 5000) parsed.set(source, known)
  }
  return known
}

/** Texts at the paths, or the attribute there, as bytes. */
export function findPaths(paths: readonly string[], document: Markup, attribute?: string): readonly string[] {
  const found: string[] = []
  for (const path of paths) {
    try {
      const value = evaluatePath(pathOf(path), document, { left: steps })
      if (typeof value !== 'object') found.push(bytesOf(asText(value)))
      else for (const one of value) found.push(bytesOf(attribute === undefined ? textOfFound(one) : (one.node.attributes[attribute] ?? '')))
    } catch (error) {
      if (!(error instanceof BadPath) && !(error instanceof RangeError)) throw error
    }
  }
  return found.filter((text) => text !== '').slice(0, mostFound)
}

/** How many nodes the paths name; a path that is no path to nodes counts when it holds. */
export function countPaths(path: string, document: Markup): number {
  try {
    const value = evaluatePath(pathOf(path), document, { left: steps })
    return typeof value === 'object' ? value.length : value === false || value === '' || value === 0 ? 0 : 1
  } catch (error) {
    if (error instanceof BadPath || error instanceof RangeError) return 0
    throw error
  }
}
