import type { Expr } from './expr.ts'

/**
 * Texts of which one must stand in the field for the rule to hold, in lower case; null when the rule does not say. Lets a judge
 * skip a rule without running it.
 */
export function neededTexts(expr: Expr, field: string): ReadonlySet<string> | null {
  if ('all' in expr) {
    for (const part of expr.all) {
      const texts = neededTexts(part, field)
      if (texts !== null) return texts
    }
    return null
  }
  if ('any' in expr) {
    const texts = new Set<string>()
    for (const part of expr.any) {
      const some = neededTexts(part, field)
      if (some === null) return null
      for (const text of some) texts.add(text)
    }
    return texts
  }
  if (!('is' in expr) || expr.field !== field) return null
  const wanted = Array.isArray(expr.is) ? expr.is : [expr.is]
  return wanted.every((one) => typeof one === 'string') ? new Set(wanted.map((one) => one.toLowerCase())) : null
}
