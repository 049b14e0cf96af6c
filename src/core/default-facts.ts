import type { Expr } from './match/expr.ts'
import type { Signature } from './signature.ts'

/** Facts of services that only trying a default login tells. */
const told: Readonly<Record<string, readonly string[]>> = {
  mysql: ['rootWithoutPassword', 'anonymous', 'auth', 'databases'], snmp: ['communities', 'publicReadable', 'auth', 'sysDescr', 'sysName', 'sysObjectId'], amqp: ['guestLogin', 'auth'], ipmi: ['cipherZero'],
}

/** Whether a check can only see its fault where default logins were tried: a scan that tries none proves nothing by not seeing it. */
export function needsDefaults({ on, when }: Pick<Signature, 'on' | 'when'>): boolean {
  if (on !== 'service') return false
  const fields = new Set<string>()
  const names = new Set<string>()
  const collect = (expr: Expr): void => {
    if ('all' in expr) return expr.all.forEach(collect)
    if ('any' in expr) return expr.any.forEach(collect)
    if ('none' in expr) return expr.none.forEach(collect)
    fields.add(expr.field)
    if (expr.field === 'name' && 'is' in expr) for (const name of [expr.is].flat()) names.add(String(name))
  }
  collect(when)
  return Object.entries(told).some(([service, facts]) => names.has(service) && facts.some((fact) => fields.has(`facts.${fact}`)))
}
