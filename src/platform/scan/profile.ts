import { fail } from '#core/errors.ts'
import { countPorts, formatPorts, parsePorts } from '#core/port-set.ts'
import { full, quick, standard, type Profile } from '#core/profile.ts'
import { newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import { checksOfLists, queriesOfLists, requireLists } from '../kb/search-list.ts'
import { topLists } from '../kb/search-list-terms.ts'

export type ShippedProfile = 'quick' | 'standard' | 'full' | 'gentle' | 'fragile' | 'top10'

/** Few hosts at once, few connections, long patience: for old devices, thin lines and working hours. */
const gentle: Profile = {
  ...standard,
  pace: { hosts: 4, connections: 32, perHost: 4, rate: 50 },
  limits: { ...standard.limits, connect: 5000, answer: 10_000, host: 7_200_000 },
  defaults: false,
}

/** What breaks easily is asked for little, slowly, and in the plainest way. */
const fragile: Profile = { ...gentle, tcp: quick.tcp, packets: 'connect', pace: { hosts: 4, connections: 16, perHost: 1, rate: 20 }, fragile: true, templates: 'off', callbacks: false }

const shippedProfiles: readonly Readonly<{ key: ShippedProfile; name: string; description: string; settings: Profile }>[] = [
  { key: 'standard', name: 'Standard', description: 'About 2,000 TCP ports and the UDP services that matter. The right one in most cases.', settings: standard },
  { key: 'quick', name: 'Quick', description: 'The ports behind which most of what matters listens. For a first look.',
    settings: quick },
  { key: 'full', name: 'Full', description: 'All 65,535 TCP ports. Takes longest and misses least.', settings: full },
  { key: 'gentle', name: 'Gentle', description: 'The standard ports, slowly: few connections at once, at most 50 a second, no default credentials.', settings: gentle },
  { key: 'fragile', name: 'Fragile devices', description: 'For printers, medical and industrial devices: few ports, one connection at a time, nothing unusual, no guesses and no templates.', settings: fragile },
  { key: 'top10', name: 'Top 10', description: 'Only the ten most widespread weaknesses, internal and external, on the standard ports. They are worked out each hour.',
    settings: { ...standard, lists: { include: topLists.map((one) => one.id), exclude: [] } } },
]

export const shippedCount = shippedProfiles.length

export type OptionProfile = Readonly<{
  id: string
  shipped: ShippedProfile | null
  name: string
  description: string
  isDefault: boolean
  settings: Profile
  createdAt: Date
  updatedAt: Date
}>

type Row = Readonly<{
  id: string
  shipped: ShippedProfile | null
  name: string
  description: string
  is_default: boolean
  settings: Profile
  created_at: Date
  updated_at: Date
}>

const columns = ['id', 'shipped', 'name', 'description', 'is_default', 'settings', 'created_at', 'updated_at'] as const

/** Puts the shipped profiles in place, and renews them when the program brings newer ones. */
export async function ensureProfiles(tx: Tx, now: number): Promise<void> {
  for (const { key, name, description, settings } of shippedProfiles) {
    const [taken] = await tx.sql`
      select from option_profile where tenant_id = ${tx.tenant} and name = ${name} and shipped is distinct from ${key}`
    const [known] = await tx.sql<{ settings: Profile; description: string }[]>`
      select settings, description from option_profile where tenant_id = ${tx.tenant} and shipped = ${key}`
    if (known !== undefined && known.description === description && canonical(known.settings) === canonical(settings)) continue
    await tx.sql`
      insert into option_profile (tenant_id, id, shipped, name, description, is_default, settings, created_at, updated_at)
      values (${tx.tenant}, ${newId(now)}, ${key}, ${taken === undefined ? name : `${name} (shipped)`}, ${description},
      ${key === 'standard'},
        ${tx.sql.json(settings as never)}, ${new Date(now)}, ${new Date(now)})
      on conflict (tenant_id, shipped) do update
        set settings = excluded.settings, description = excluded.description, updated_at = excluded.updated_at`
  }
}

/** jsonb does not keep the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, held: unknown) =>
    held !== null && typeof held === 'object' && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).sort(([a], [b]) => (a < b ? -1 : 1)))
      : held)
}

export async function listProfiles(tx: Tx): Promise<readonly OptionProfile[]> {
  const rows = await tx.sql<Row[]>`
    select ${tx.sql(columns)} from option_profile where tenant_id = ${tx.tenant}
    order by is_default desc, shipped is null, array_position(array['standard', 'quick', 'full', 'gentle', 'fragile', 'top10'], shipped), name`
  return rows.map(profileOf)
}

/** The profile of that id; without one the tenant's default. */
export async function readProfile(tx: Tx, id: string | null): Promise<OptionProfile> {
  const [row] = await tx.sql<Row[]>`
    select ${tx.sql(columns)} from option_profile
    where tenant_id = ${tx.tenant} and ${id === null ? tx.sql`is_default` : tx.sql`id = ${uuidOrNothing(id)}`} limit 1`
  return row === undefined ? fail('not_found', { what: 'option profile', id: id ?? '(default)' }) : profileOf(row)
}

export type NewProfile = Readonly<{ name: string; description?: string; copyOf?: string; settings?: Partial<Profile> }>

export async function createProfile(tx: Tx, asked: NewProfile, user: string | null, now: number): Promise<OptionProfile> {
  const base = await readProfile(tx, asked.copyOf ?? null)
  const settings = validateProfile({ ...base.settings, ...asked.settings })
  await requireLists(tx, listsOf(settings), new Date(now))
  const id = newId(now)
  await freeName(tx, asked.name, id)
  await tx.sql`
    insert into option_profile (tenant_id, id, name, description, is_default, settings, created_by, created_at, updated_at)
    values (${tx.tenant}, ${id}, ${asked.name},
    ${asked.description ?? (asked.copyOf === undefined ? '' : `Copy of ${base.name}`)}, false,
      ${tx.sql.json(settings as never)}, ${user}, ${new Date(now)}, ${new Date(now)})`
  return readProfile(tx, id)
}

export type ProfileChange = Readonly<{ name?: string; description?: string; isDefault?: true; settings?: Partial<Profile> }>

export async function changeProfile(tx: Tx, id: string, change: ProfileChange, now: number): Promise<OptionProfile> {
  const known = await readProfile(tx, id)
  const touched = change.name !== undefined || change.description !== undefined || change.settings !== undefined
  if (known.shipped !== null && touched) fail('profile.shipped', { name: known.name })
  if (touched) {
    const name = change.name ?? known.name
    await freeName(tx, name, id)
    const settings = validateProfile({ ...known.settings, ...change.settings })
    await requireLists(tx, listsOf(settings), new Date(now))
    await tx.sql`
      update option_profile set name = ${name}, description = ${change.description ?? known.description},
        settings = ${tx.sql.json(settings as never)},
        updated_at = ${new Date(now)}
      where tenant_id = ${tx.tenant} and id = ${id}`
  }
  if (change.isDefault === true) {
    await tx.sql`update option_profile set is_default = (id = ${id}) where tenant_id = ${tx.tenant} and is_default is distinct from (id = ${id})`
  }
  return readProfile(tx, id)
}

export async function removeProfile(tx: Tx, id: string): Promise<void> {
  const known = await readProfile(tx, id)
  if (known.shipped !== null) fail('profile.shipped', { name: known.name })
  if (known.isDefault) fail('profile.default', { name: known.name })
  const [used] = await tx.sql<{ name: string }[]>`
    select name from schedule where tenant_id = ${tx.tenant} and launch ->> 'profileId' = ${id} limit 1`
  if (used !== undefined) fail('profile.in_use', { name: known.name, schedule: used.name })
  await tx.sql`delete from option_profile where tenant_id = ${tx.tenant} and id = ${id}`
}

export function listsOf(profile: Profile): readonly string[] {
  return [...profile.lists?.include ?? [], ...profile.lists?.exclude ?? []]
}

/**
 * The profile as a scan takes it: what its search lists hold at this moment is in `signatures` and `exclude`. Lists to include narrow to what they and the
 * profile's own numbers hold. Throws when nothing is left to look for.
 */
export async function settleLists(tx: Tx, name: string, profile: Profile, now: number): Promise<Profile> {
  if (listsOf(profile).length === 0) return profile
  const { include, exclude } = profile.lists!
  const [wanted, not] = [await checksOfLists(tx, include, new Date(now)), await checksOfLists(tx, exclude, new Date(now))]
  const signatures = include.length === 0 ? profile.signatures : [...new Set([...profile.signatures === 'all' ? [] : profile.signatures, ...wanted])]
  const off = new Set([...profile.exclude, ...not])
  if (signatures !== 'all' && signatures.every((one) => off.has(one))) fail('list.empty', { name })
  const later = { include: await queriesOfLists(tx, include, new Date(now)), exclude: await queriesOfLists(tx, exclude, new Date(now)) }
  return { ...profile, signatures, exclude: [...off], later }
}

const bounds = [
  ['pace', 'hosts', 1, 256], ['pace', 'connections', 1, 4096], ['pace', 'perHost', 1, 1024], ['pace', 'rate', 0, 100_000],
  ['limits', 'connect', 100, 60_000], ['limits', 'answer', 100, 120_000], ['limits', 'host', 5000, 86_400_000],
  ['limits', 'connectionBytes', 1024, 67_108_864], ['limits', 'hostBytes', 65_536, 4_294_967_296],
] as const

/** Checks what no schema can say and writes port lists in their shortest form. Throws the catalogue's error naming the field. */
export function validateProfile(profile: Profile): Profile {
  const tcp = formatPorts(parsePorts(profile.tcp))
  const udp = formatPorts(parsePorts(profile.udp))
  if (tcp === '' && udp === '') fail('profile.nothing')
  for (const [group, field, least, most] of bounds) {
    const value = (profile[group] as Readonly<Record<string, number>>)[field]!
    if (!Number.isInteger(value) || value < least || value > most) fail('profile.out_of_bounds',
      { field: `${group}.${field}`, value, least, most })
  }
  return { ...profile, tcp, udp, discovery: { ...profile.discovery, tcp: formatPorts(parsePorts(profile.discovery.tcp)) } }
}

/** How many ports the profile looks at. */
export function portsLookedAt(profile: Profile): Readonly<{ tcp: number; udp: number }> {
  return { tcp: countPorts(parsePorts(profile.tcp)), udp: countPorts(parsePorts(profile.udp)) }
}

async function freeName(tx: Tx, name: string, id: string): Promise<void> {
  const [taken] = await tx.sql`select from option_profile where tenant_id = ${tx.tenant} and name = ${name} and id <> ${id}`
  if (taken !== undefined) fail('profile.name_taken', { name })
}

function uuidOrNothing(id: string): string | null {
  return /^[0-9a-f-]{36}$/.test(id) ? id : null
}

function profileOf(row: Row): OptionProfile {
  return {
    id: row.id, shipped: row.shipped, name: row.name, description: row.description, isDefault: row.is_default,
    settings: row.settings,
    createdAt: row.created_at, updatedAt: row.updated_at,
  }
}
