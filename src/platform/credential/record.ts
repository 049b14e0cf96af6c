import type { Login } from '#core/credential.ts'
import { fail } from '#core/errors.ts'
import { subtract } from '#core/ip-set.ts'
import { isId, newId } from '#store/id.ts'
import type { SecretBox } from '#store/secrets.ts'
import type { Store, Tx } from '#store/store.ts'
import { scopeOf, type Actor } from '../access/actor.ts'
import { scopeGroups } from '../asset/scope.ts'
import { membersOf } from '../asset/target.ts'
import { requireTargets } from '../asset/target-text.ts'
import { audit } from '../audit/audit.ts'
import { loginOf, shownOf, type LoginInput, type ShownLogin } from './login.ts'

export const mostRecords = 500

export type Record = Readonly<{
  id: string; title: string; enabled: boolean; networkId: string; targets: string; groups: readonly string[]; login: ShownLogin; createdBy: string; createdAt: Date; changedAt: Date
}>
export type RecordInput = Readonly<{ title: string; enabled: boolean; networkId?: string; targets: string; groups: readonly string[]; login: LoginInput }>

type Row = Readonly<{
  id: string; title: string; enabled: boolean; network_id: string; targets: string; groups: string[]; settings: ShownLogin; owner_id: string | null; created_by_name: string; created_at: Date; changed_at: Date
}>

/** Whose scope is narrower than the organisation sees and changes what they made themselves. */
const ownerOf = (actor: Actor): string | null => (scopeOf(actor) === null ? null : actor.user.id)

export async function listRecords(tx: Tx, actor: Actor): Promise<readonly Record[]> {
  return (await rows(tx, actor, null)).map(recordOf)
}

export async function readRecord(tx: Tx, actor: Actor, id: string): Promise<Record> {
  const [row] = isId(id) ? await rows(tx, actor, id) : []
  return row === undefined ? fail('not_found', { what: 'authentication record', id }) : recordOf(row)
}

async function rows({ sql, tenant }: Tx, actor: Actor, id: string | null): Promise<readonly Row[]> {
  const owner = ownerOf(actor)
  return sql<Row[]>`
    select id, title, enabled, network_id, targets, groups::text[] as groups, settings, owner_id, created_by_name, created_at, changed_at from credential
    where tenant_id = ${tenant} and ${id === null ? sql`true` : sql`id = ${id}`} and ${owner === null ? sql`true` : sql`owner_id = ${owner}`}
    order by lower(title), id limit ${mostRecords}`
}

/** The data keys of organisations are out of reach of a transaction in one: sealing comes before it. */
export async function createRecord(store: Store, secrets: SecretBox, actor: Actor, input: RecordInput, now: number): Promise<Record> {
  const id = newId(now)
  const login = loginOf(input.login, null)
  const sealed = await seal(store, secrets, actor.tenant, id, login)
  return store.write(actor.tenant, async (tx) => {
    const [count] = await tx.sql<{ n: number }[]>`select count(*)::int as n from credential where tenant_id = ${tx.tenant}`
    if (count!.n >= mostRecords) fail('credential.too_many', { most: mostRecords })
    const network = input.networkId ?? tx.tenant
    await check(tx, actor, id, { ...input, networkId: network })
    await tx.sql`
      insert into credential (tenant_id, id, title, kind, enabled, network_id, targets, groups, settings, sealed, owner_id, created_by_name, created_at, changed_at)
      values (${tx.tenant}, ${id}, ${input.title}, ${login.kind}, ${input.enabled}, ${network}, ${input.targets}, ${input.groups as string[]}::uuid[], ${tx.sql.json(shownOf(login) as never)}, ${Buffer.from(sealed)},
        ${ownerOf(actor)}, ${actor.user.name}, ${new Date(now)}, ${new Date(now)})`
    await tell(tx, actor, 'credential.created', id, input, shownOf(login), now)
    return readRecord(tx, actor, id)
  })
}

export async function changeRecord(store: Store, secrets: SecretBox, actor: Actor, id: string, change: Partial<RecordInput>, now: number): Promise<Record> {
  const known = await store.read(actor.tenant, (tx) => readRecord(tx, actor, id))
  const login = change.login === undefined ? null : loginOf(change.login, await open(store, secrets, actor.tenant, id))
  const sealed = login === null ? null : await seal(store, secrets, actor.tenant, id, login)
  return store.write(actor.tenant, async (tx) => {
    const next = { title: change.title ?? known.title, enabled: change.enabled ?? known.enabled, networkId: change.networkId ?? known.networkId, targets: change.targets ?? known.targets, groups: change.groups ?? known.groups }
    await check(tx, actor, id, next)
    const changed = await tx.sql`
      update credential set title = ${next.title}, enabled = ${next.enabled}, network_id = ${next.networkId}, targets = ${next.targets}, groups = ${next.groups as string[]}::uuid[], changed_at = ${new Date(now)}
        ${login === null ? tx.sql`` : tx.sql`, kind = ${login.kind}, settings = ${tx.sql.json(shownOf(login) as never)}, sealed = ${Buffer.from(sealed!)}`}
      where tenant_id = ${tx.tenant} and id = ${id}`
    if (changed.count === 0) fail('not_found', { what: 'authentication record', id })
    await tell(tx, actor, 'credential.changed', id, next, login === null ? null : shownOf(login), now)
    return readRecord(tx, actor, id)
  })
}

export async function removeRecord(tx: Tx, actor: Actor, id: string, now: number): Promise<void> {
  const { title } = await readRecord(tx, actor, id)
  await tx.sql`delete from credential where tenant_id = ${tx.tenant} and id = ${id}`
  await audit(tx, { actor, action: 'credential.removed', object: { kind: 'credential', id, name: title } }, new Date(now))
}

/** The place where it lies is authenticated with it: copied to another row it does not open. */
export const placeOf = (id: string): string => `credential:sealed:${id}`

async function seal(store: Store, secrets: SecretBox, tenant: string, id: string, login: Login): Promise<Uint8Array> {
  const plain = Buffer.from(JSON.stringify(login))
  const sealed = await store.platform((tx) => secrets.seal(tx, tenant, placeOf(id), plain))
  plain.fill(0)
  return sealed
}

async function open(store: Store, secrets: SecretBox, tenant: string, id: string): Promise<Login | null> {
  const [row] = await store.read(tenant, (tx) => tx.sql<{ sealed: Uint8Array }[]>`select sealed from credential where tenant_id = ${tx.tenant} and id = ${id}`)
  return row === undefined ? null : unsealed(await store.platform((tx) => secrets.unseal(tx, tenant, placeOf(id), row.sealed)))
}

export function unsealed(plain: Uint8Array): Login {
  const login = JSON.parse(Buffer.from(plain.buffer, plain.byteOffset, plain.byteLength).toString()) as Login
  plain.fill(0)
  return login
}

type Aim = Readonly<{ title: string; networkId: string; targets: string; groups: readonly string[] }>

async function check(tx: Tx, actor: Actor, id: string, { title, networkId, targets, groups }: Aim): Promise<void> {
  const { sql, tenant } = tx
  const [taken] = await sql`select from credential where tenant_id = ${tenant} and title = ${title} and id <> ${id}`
  if (taken !== undefined) fail('credential.title_taken', { title })
  const [network] = isId(networkId) ? await sql`select from network where tenant_id = ${tenant} and id = ${networkId}` : []
  if (network === undefined) fail('not_found', { what: 'network', id: networkId })
  if (targets.trim() === '' && groups.length === 0) fail('credential.no_targets')
  const asked = targets.trim() === '' ? { set: [], names: [] } : requireTargets(targets)
  const mine = await scopeGroups(tx, scopeOf(actor))
  const found = await sql<{ id: string }[]>`select id from asset_group where tenant_id = ${tenant} and id = any(${groups as string[]}::uuid[])`
  const known = new Set(found.map((row) => row.id).filter((one) => mine === null || mine.includes(one)))
  const missing = groups.find((one) => !known.has(one))
  if (missing !== undefined) fail('not_found', { what: 'asset group', id: missing })
  if (mine === null) return
  const own = await membersOf(tx, networkId, mine)
  if (subtract(asked.set, own.set).length > 0 || asked.names.some((name) => !own.names.includes(name))) fail('credential.out_of_scope')
}

/** Which secrets there are may be told; never what they are. */
async function tell(tx: Tx, actor: Actor, action: string, id: string, { title, enabled, targets, groups }: Readonly<{ title: string; enabled: boolean; targets: string; groups: readonly string[] }>, login: ShownLogin | null, now: number): Promise<void> {
  await audit(tx, { actor, action, object: { kind: 'credential', id, name: title }, details: { enabled, targets: targets.slice(0, 1000), groups, ...(login === null ? {} : { login }) } }, new Date(now))
}

function recordOf(row: Row): Record {
  return {
    id: row.id, title: row.title, enabled: row.enabled, networkId: row.network_id, targets: row.targets, groups: row.groups, login: row.settings, createdBy: row.created_by_name, createdAt: row.created_at, changedAt: row.changed_at,
  }
}
