import { fail } from '#core/errors.ts'
import type { Tx } from '#store/store.ts'
import type { Actor } from '../access/actor.ts'
import { scopeGroups } from '../asset/scope.ts'
import { resolveTargets } from '../asset/target.ts'
import { audit } from '../audit/audit.ts'
import { launchVerification } from '../scan/launch.ts'
import { recordEvents } from './event.ts'
import { readFinding } from './detail.ts'

/** Starts a small scan that looks at this place with this check alone. The host must still be registered and not be excluded. Returns the scan. */
export async function verifyFinding(tx: Tx, actor: Actor, id: string, now: Date): Promise<string> {
  const { sql, tenant } = tx
  const finding = await readFinding(tx, id, await scopeGroups(tx, actor.scope))
  const [host] = await sql<{ tracking: string; identity: string; address: string | null }[]>`
    select tracking, identity, host(address) as address from asset_host where tenant_id = ${tenant} and id = ${finding.asset_id}`
  if (host === undefined || host.address === null) fail('finding.not_registered')
  const targets = await resolveTargets(tx, { network: finding.network_id, text: host.identity, scope: actor.scope, at: now })
  if (targets.excluded.length > 0) fail('conflict', { what: `The host of this finding cannot be tested: ${targets.excluded[0]!.text}` })
  if (targets.count === 0n) fail('finding.not_registered')
  const [release] = await sql<{ release: string }[]>`select release from knowledge_release order by loaded_at desc limit 1`
  const scan = await launchVerification(tx, {
    signature: finding.signature,
    asset: finding.asset_id,
    address: host.address,
    names: finding.names,
    network: finding.network_id,
    port: finding.port === 0 ? null : finding.port,
    proto: finding.proto === '' ? null : finding.proto,
    title: finding.title,
  }, { by: actor.user, content: release?.release ?? '', now: now.getTime() })
  await sql`
    insert into finding_verification (tenant_id, finding_id, scan_id, started_at, by_name) values (${tenant}, ${id}, ${scan.id}, ${now}, ${actor.user.name})
    on conflict (tenant_id, finding_id) do update set scan_id = excluded.scan_id, started_at = excluded.started_at, by_name = excluded.by_name`
  await recordEvents(tx, [{
    finding: id, asset: finding.asset_id, signature: finding.signature, severity: finding.severity, type: finding.type, kind: 'verified', scan: scan.id, by: actor.user, text: 'A test of it was started.',
  }], now)
  await audit(tx, { actor, action: 'finding.verified', object: { kind: 'finding', id, name: finding.title }, details: { scan: scan.id } }, now)
  return scan.id
}
