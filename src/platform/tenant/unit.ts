import { fail } from '#core/errors.ts'
import { newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { audit } from '../audit/audit.ts'

export type Unit = Readonly<{ id: string; name: string; people: number; createdAt: Date }>

export async function listUnits({ tenant, sql }: Tx): Promise<readonly Unit[]> {
  return sql<Unit[]>`
    select u.id, u.name, u.created_at as "createdAt", count(m.user_id) as people
    from business_unit u left join membership m on m.tenant_id = u.tenant_id and m.unit_id = u.id
    where u.tenant_id = ${tenant} group by u.tenant_id, u.id order by u.name limit 1000`
}

export async function createUnit(tx: Tx, actor: Actor, name: string, now: Date): Promise<Unit> {
  const id = newId(now.getTime())
  const made = await tx.sql`
    insert into business_unit (tenant_id, id, name, created_at) values (${tx.tenant}, ${id}, ${name}, ${now}) on conflict (tenant_id, name) do nothing returning id`
  if (made.length === 0) fail('unit.exists', { name })
  await audit(tx, { actor, action: 'unit.created', object: { kind: 'unit', id, name } }, now)
  return { id, name, people: 0, createdAt: now }
}

export async function renameUnit(tx: Tx, actor: Actor, id: string, name: string): Promise<void> {
  const [before] = await tx.sql<{ name: string }[]>`select name from business_unit where tenant_id = ${tx.tenant} and id = ${id} for update`
  if (before === undefined) fail('not_found', { what: 'business unit', id })
  const same = await tx.sql`select from business_unit where tenant_id = ${tx.tenant} and name = ${name} and id <> ${id}`
  if (same.length > 0) fail('unit.exists', { name })
  await tx.sql`update business_unit set name = ${name} where tenant_id = ${tx.tenant} and id = ${id}`
  await audit(tx, { actor, action: 'unit.renamed', object: { kind: 'unit', id, name }, details: { from: before.name, to: name } })
}

export async function dropUnit(tx: Tx, actor: Actor, id: string): Promise<void> {
  const [unit] = await tx.sql<{ name: string }[]>`select name from business_unit where tenant_id = ${tx.tenant} and id = ${id} for update`
  if (unit === undefined) fail('not_found', { what: 'business unit', id })
  const [used] = await tx.sql<{ count: number }[]>`select count(*) as count from membership where tenant_id = ${tx.tenant} and unit_id = ${id}`
  if (used!.count > 0) fail('unit.in_use', { count: used!.count })
  await tx.sql`delete from business_unit where tenant_id = ${tx.tenant} and id = ${id}`
  await audit(tx, { actor, action: 'unit.removed', object: { kind: 'unit', id, name: unit.name } })
}

export async function mustHaveUnit({ tenant, sql }: Tx, id: string | null): Promise<void> {
  if (id === null) return
  const known = await sql`select from business_unit where tenant_id = ${tenant} and id = ${id}`
  if (known.length === 0) fail('not_found', { what: 'business unit', id })
}
