import type { SealedCredential } from '#core/credential.ts'
import { contains, formatIpSet, normalise, parseIpRange, union } from '#core/ip-set.ts'
import { parseIp } from '#core/ip.ts'
import type { Slice, SliceHost } from '#core/slice.ts'
import { sealCredential } from '#channel/seal.ts'
import type { SecretBox } from '#store/secrets.ts'
import type { Store, Tx } from '#store/store.ts'
import { membersOf } from '../asset/target.ts'
import { parseTargetText } from '../asset/target-text.ts'
import { readObservations } from '../observation/keep.ts'
import { placeOf, unsealed } from './record.ts'

type Row = Readonly<{ id: string; title: string; targets: string; groups: string[]; sealed: Uint8Array }>
type Meant = Readonly<{ row: Row; hosts: readonly SliceHost[] }>

/** The logins meant for hosts of the slice, each sealed to the scanner that leases it, for these hosts alone. */
export async function credentialsFor(store: Store, secrets: SecretBox, tenant: string, slice: Slice, scannerKey: string): Promise<readonly SealedCredential[]> {
  const { meant, known } = await store.read(tenant, async (tx) => {
    const found = await meantFor(tx, slice)
    return { meant: found, known: found.length === 0 ? new Map<string, string>() : await hostKeys(tx, slice.hosts) }
  })
  if (meant.length === 0) return []
  return store.platform(async (tx) => {
    const sealed: SealedCredential[] = []
    for (const { row, hosts } of meant) {
      const login = unsealed(await secrets.unseal(tx, tenant, placeOf(row.id), row.sealed))
      const met = Object.fromEntries(hosts.flatMap(({ asset, address }) => {
        const key = known.get(`${asset}|${row.id}`)
        return key === undefined ? [] : [[address, key]]
      }))
      const about = { record: row.id, title: row.title, targets: formatIpSet(normalise(hosts.map((host) => parseIpRange(host.address)))), ...(login.kind === 'ssh' && Object.keys(met).length > 0 ? { known: met } : {}) }
      sealed.push(sealCredential(about, login, scannerKey))
    }
    return sealed
  })
}

async function meantFor(tx: Tx, slice: Slice): Promise<readonly Meant[]> {
  const { sql, tenant } = tx
  const found = await sql<Row[]>`
    select c.id, c.title, c.targets, c.groups::text[] as groups, c.sealed from credential c join scan s on s.tenant_id = c.tenant_id and s.network_id = c.network_id
    where c.tenant_id = ${tenant} and s.tenant_id = ${tenant} and s.id = ${slice.scan} and c.enabled order by lower(c.title), c.id`
  const [scan] = await sql<{ network_id: string }[]>`select network_id from scan where tenant_id = ${tenant} and id = ${slice.scan}`
  const meant: Meant[] = []
  for (const row of found) {
    const members = await membersOf(tx, scan!.network_id, row.groups)
    const text = parseTargetText(row.targets)
    const set = union(text.set, members.set)
    const names = new Set([...text.names, ...members.names])
    const hosts = slice.hosts.filter((host) => contains(set, parseIp(host.address)!) || host.names.some((name) => names.has(name.toLowerCase())))
    if (hosts.length > 0) meant.push({ row, hosts })
  }
  return meant
}

/** By `asset|record`: the key that the last login which got in met. */
async function hostKeys(tx: Tx, hosts: readonly SliceHost[]): Promise<ReadonlyMap<string, string>> {
  const keys = new Map<string, string>()
  for (const { seen } of await readObservations(tx, hosts.map((host) => host.asset), ['login'])) {
    if (seen.kind === 'login' && seen.data.hostKey !== undefined) keys.set(`${seen.at.asset}|${seen.data.record}`, seen.data.hostKey)
  }
  return keys
}
