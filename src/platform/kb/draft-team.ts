import { fail } from '#core/errors.ts'
import type { PlatformTx } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { audit } from '../audit/audit.ts'
import { inTenant, organisationsOf } from '../tenant/tenant.ts'

/** What somebody is in the team that writes checks. It belongs to the installation: no role in an organisation gives it. */
export type TeamPlace = Readonly<{ author: boolean; reviewer: boolean; publisher: boolean }>
export const noPlace: TeamPlace = { author: false, reviewer: false, publisher: false }

export async function teamPlace({ sql }: Pick<PlatformTx, 'sql'>, user: string): Promise<TeamPlace> {
  const [row] = await sql<TeamPlace[]>`select author, reviewer, publisher from kb_member where user_id = ${user}`
  return row === undefined ? noPlace : { ...row }
}

export function isOfTeam({ author, reviewer, publisher }: TeamPlace): boolean {
  return author || reviewer || publisher
}

/**
 * Who may work on drafts: a member of the team, in person or by a token with all their rights in the organisation, since a token that was made for less must not decide
 * what every organisation is judged by. Throws `draft.team`, `draft.token`.
 */
export async function mustBe(tx: Pick<PlatformTx, 'sql'>, actor: Actor, places: readonly (keyof TeamPlace)[]): Promise<TeamPlace> {
  const place = await teamPlace(tx, actor.user.id)
  if (!places.some((one) => place[one])) fail('draft.team', { place: places.join(' or ') })
  if (actor.via.kind === 'token' && actor.role !== 'manager') fail('draft.token')
  return place
}

/** The person who sets the installation up writes, reads and publishes; from then on it takes two. */
export async function addFirstMember({ sql }: Pick<PlatformTx, 'sql'>, user: string, now: Date): Promise<void> {
  await sql`
    insert into kb_member (user_id, author, reviewer, publisher, added_at)
    select ${user}, true, true, true, ${now} where not exists (select from kb_member) on conflict (user_id) do nothing`
}

export type TeamMember = TeamPlace & Readonly<{ id: string; name: string; email: string; addedAt: Date }>

export async function listTeam({ sql }: Pick<PlatformTx, 'sql'>): Promise<readonly TeamMember[]> {
  return sql<TeamMember[]>`
    select u.id, u.name, u.email, m.author, m.reviewer, m.publisher, m.added_at as "addedAt" from kb_member m join app_user u on u.id = m.user_id order by u.name, u.id`
}

/** Gives a person these places and no others. Told to the audit logs of the organisations they are in. Throws `team.unknown`. */
export async function placeMember(tx: PlatformTx, email: string, place: TeamPlace, now: Date): Promise<void> {
  const person = await personOf(tx, email)
  await tx.sql`
    insert into kb_member (user_id, author, reviewer, publisher, added_at) values (${person.id}, ${place.author}, ${place.reviewer}, ${place.publisher}, ${now})
    on conflict (user_id) do update set author = excluded.author, reviewer = excluded.reviewer, publisher = excluded.publisher`
  await tell(tx, person, 'kb.member_placed', { ...place }, now)
}

/** Throws `team.unknown`, `team.not_member`. */
export async function dropMember(tx: PlatformTx, email: string, now: Date): Promise<void> {
  const person = await personOf(tx, email)
  const gone = await tx.sql`delete from kb_member where user_id = ${person.id} returning user_id`
  if (gone.length === 0) fail('team.not_member', { email })
  await tell(tx, person, 'kb.member_removed', {}, now)
}

type Known = Readonly<{ id: string; name: string }>

async function personOf({ sql }: PlatformTx, email: string): Promise<Known> {
  const [row] = await sql<Known[]>`select id, name from app_user where email = ${email.toLowerCase()}`
  return row ?? fail('team.unknown', { email })
}

async function tell(tx: PlatformTx, person: Known, action: string, details: Readonly<Record<string, unknown>>, now: Date): Promise<void> {
  for (const { id } of await organisationsOf(tx, person.id)) {
    await audit(inTenant(tx, id), { actor: { system: 'vigil kb team' }, action, object: { kind: 'person', id: person.id, name: person.name }, details }, now)
  }
}
