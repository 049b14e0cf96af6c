import type { ScanEvent } from '#core/event.ts'
import type { Shapes } from '#core/observation.ts'
import { hasPort, parseProtoPorts } from '#core/port-set.ts'
import { gradeOf } from '#core/tls/grade.ts'
import { newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'
import { fit } from '../asset/text.ts'
import { isClosed, type Attempt } from '../finding/ledger.ts'

type End = Readonly<{ asset: string; outcome: string; attempt: Attempt }>
const mostReasons = 30
const mostNames = 500

/** Renews what is known of the TLS of hosts from what was seen, and drops what a look that reached its end did not find any more. */
export async function keepEndpoints(tx: Tx, scan: string, events: readonly ScanEvent[], ended: readonly End[], at: Date): Promise<void> {
  const rows = events.flatMap((event) => (event.type === 'seen' && event.seen.kind === 'tls' && event.seen.at.port !== undefined
    ? [rowOf(event.seen.at.asset, event.seen.at.port, event.seen.at.host ?? '', event.seen.data, at)] : []))
  const byPlace = new Map(rows.map((row) => [`${row.asset}|${row.port}|${row.host}`, row]))
  if (byPlace.size > 0) await upsert(tx, [...byPlace.values()], at)
  await drop(tx, scan, ended, at)
}

function rowOf(asset: string, port: number, host: string, data: Shapes['tls'], at: Date) {
  const grade = gradeOf(data)
  const { certificate } = data
  const time = (ms: number | undefined): string | null => (ms === undefined || !Number.isFinite(ms) || Math.abs(ms) > 8e14 ? null : new Date(Math.max(ms, -6e13)).toISOString())
  return {
    id: newId(at.getTime()), asset, port, host: fit(host, 255), starttls: data.starttls, grade: grade?.grade ?? null, otherwise: grade?.otherwise ?? null, score: grade?.score ?? null,
    reasons: (grade?.reasons ?? []).slice(0, mostReasons), accepted: data.accepted.map((one) => fit(one, 40)), sha256: certificate?.sha256 ?? null,
    subject: certificate === null ? null : fit(certificate.subject, 1000), issuer: certificate === null ? null : fit(certificate.issuer, 1000),
    names: (certificate?.names ?? []).slice(0, mostNames).map((one) => fit(one, 255)), key_type: certificate === null ? null : fit(certificate.keyType, 40), key_bits: certificate?.keyBits ?? null,
    signature_algorithm: certificate === null ? null : fit(certificate.signatureAlgorithm, 100), not_before: time(certificate?.notBefore), not_after: time(certificate?.notAfter),
    self_signed: certificate?.selfSigned ?? null, trusted: certificate?.trusted ?? null, trust_error: certificate?.trustError === undefined ? null : fit(certificate.trustError, 200),
  }
}

async function upsert({ sql, tenant }: Tx, rows: readonly ReturnType<typeof rowOf>[], at: Date): Promise<void> {
  await sql`
    insert into tls_endpoint (tenant_id, id, asset_id, port, host, starttls, grade, otherwise, score, reasons, accepted, sha256, subject, issuer, names, key_type, key_bits, signature_algorithm,
      not_before, not_after, self_signed, trusted, trust_error, first_seen, last_seen)
    select ${tenant}, id, asset, port, host, starttls, grade, otherwise, score, reasons, accepted, sha256, subject, issuer, names, key_type, key_bits, signature_algorithm,
      not_before, not_after, self_signed, trusted, trust_error, ${at}, ${at}
    from jsonb_to_recordset(${sql.json(rows as never)}) as r (id uuid, asset uuid, port int, host text, starttls text, grade text, otherwise text, score smallint, reasons jsonb, accepted text[], sha256 text,
      subject text, issuer text, names text[], key_type text, key_bits int, signature_algorithm text, not_before timestamptz, not_after timestamptz, self_signed boolean, trusted boolean, trust_error text)
    on conflict (tenant_id, asset_id, port, host) do update set starttls = excluded.starttls, grade = excluded.grade, otherwise = excluded.otherwise, score = excluded.score, reasons = excluded.reasons,
      accepted = excluded.accepted, sha256 = excluded.sha256, subject = excluded.subject, issuer = excluded.issuer, names = excluded.names, key_type = excluded.key_type, key_bits = excluded.key_bits,
      signature_algorithm = excluded.signature_algorithm, not_before = excluded.not_before, not_after = excluded.not_after, self_signed = excluded.self_signed, trusted = excluded.trusted,
      trust_error = excluded.trust_error, last_seen = excluded.last_seen`
}

/** Behind a closed port there is none; and where the look at TLS ran to its end in this scan and saw none, there is none either. What was not looked at stays. */
async function drop({ sql, tenant }: Tx, scan: string, ended: readonly End[], at: Date): Promise<void> {
  const through = ended.filter((end) => end.outcome === 'scanned' || end.outcome === 'partial')
  if (through.length === 0) return
  const known = await sql<{ id: string; asset_id: string; port: number }[]>`
    select e.id, e.asset_id, e.port from tls_endpoint e
    where e.tenant_id = ${tenant} and e.asset_id = any(${through.map((end) => end.asset)}::uuid[])
      and e.last_seen < coalesce((select s.started_at from asset_scan s where s.tenant_id = ${tenant} and s.scan_id = ${scan} and s.asset_id = e.asset_id), ${at})`
  const gone = through.flatMap((end) => {
    const own = known.filter((row) => row.asset_id === end.asset)
    if (own.length === 0) return []
    const closed = isClosed(end.attempt)
    return own.filter((row) => closed('tcp', row.port) || isSilent(end.attempt, row.port))
  })
  if (gone.length > 0) await sql`delete from tls_endpoint where tenant_id = ${tenant} and id = any(${gone.map((row) => row.id)}::uuid[])`
}

/** The service there was recognised to the end, and no look at its TLS failed: had it spoken TLS, it would have been seen in this very scan. */
function isSilent(attempt: Attempt, port: number): boolean {
  const of = (probe: string, lines: readonly Readonly<{ probe: string; ports: string }>[]): boolean => lines.some((line) => line.probe === probe && hasPort(parseProtoPorts(line.ports).tcp, port))
  return of('service', attempt.covered) && of('tls', attempt.covered) && !of('tls', attempt.failed)
}
