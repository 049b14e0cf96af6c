import { newId } from '#store/id.ts'
import type { Tx } from '#store/store.ts'

export type FindingEventKind = 'new' | 'reopened' | 'fixed' | 'ignored' | 'unignored' | 'ignoreExpired' | 'verified' | 'retracted'
/** Something that happened to a finding, for its history and the timeline of its host. */
export type FindingEvent = Readonly<{
  finding: string
  asset: string
  signature: number
  severity: number
  type: string
  kind: FindingEventKind
  scan?: string
  by?: Readonly<{ id: string; name: string }>
  text: string
}>

export async function recordEvents({ sql, tenant }: Pick<Tx, 'sql' | 'tenant'>, events: readonly FindingEvent[], at: Date): Promise<void> {
  for (let from = 0; from < events.length; from += 2000) {
    const part = events.slice(from, from + 2000)
    const column = <T>(of: (event: FindingEvent) => T): T[] => part.map(of)
    await sql`
      insert into finding_event (tenant_id, id, finding_id, asset_id, signature_id, severity, type, kind, at, scan_id, by_id, by_name, text)
      select ${tenant}, id, finding_id, asset_id, signature_id, severity, type, kind, ${at}, scan_id, by_id, by_name, text
      from unnest(${part.map(() => newId(at.getTime()))}::uuid[], ${column((one) => one.finding)}::uuid[], ${column((one) => one.asset)}::uuid[], ${column((one) => one.signature)}::int[],
        ${column((one) => one.severity)}::smallint[], ${column((one) => one.type)}::text[], ${column((one) => one.kind)}::text[], ${column((one) => one.scan ?? null) as string[]}::uuid[],
        ${column((one) => one.by?.id ?? null) as string[]}::uuid[], ${column((one) => one.by?.name ?? null) as string[]}::text[], ${column((one) => one.text)}::text[])
        as u (id, finding_id, asset_id, signature_id, severity, type, kind, scan_id, by_id, by_name, text)
      on conflict (tenant_id, id) do nothing`
  }
}
