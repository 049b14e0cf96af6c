import { fail } from '#core/errors.ts'
import { actions, can, type Action, type Role } from './role.ts'

/** Who acts, in which organisation, as what, over what. Made by the session or the token of a request; never by its content. */
export type Actor = Readonly<{
  user: Readonly<{ id: string; name: string; email: string }>
  tenant: string
  role: Role
  scope: Scope
  via: Readonly<{ kind: 'session' | 'token'; id: string }>
  /** The peer's address, for the audit log. */
  ip: string | null
}>

/** Null is the whole organisation; otherwise what is in one of the asset groups or belongs to one of the business units. */
export type Scope = Readonly<{ groups: readonly string[]; units: readonly string[] }> | null

/** Throws `forbidden` unless the actor's role allows the action. */
export function allow(actor: Actor, action: Action): void {
  if (!can(actor.role, action)) fail('forbidden', { action: actions[action] })
}

/**
 * What the actor may see, to be applied in the SQL of every list and look-up: null adds no condition; otherwise keep rows whose
 * asset is in a group of `groups`, or in a group of a unit of `units`. Both lists empty means nothing at all.
 */
export function scopeOf(actor: Actor): Scope {
  return actor.scope
}

/** The scope that a membership gives: managers, auditors and user administrators see the whole organisation. */
export function scopeFor(role: Role, unit: string | null, groups: readonly string[]): Scope {
  if (role === 'manager' || role === 'auditor' || role === 'user_administrator') return null
  return { groups, units: role === 'unit_manager' && unit !== null ? [unit] : [] }
}
