import type { Detection, Severity } from '#core/signature.ts'
import { isDistribution } from '#core/version/ecosystem.ts'
import { fit } from '../asset/text.ts'
import type { Knowledge } from '../kb/knowledge.ts'
import type { Piece, RangeHit } from '../kb/ranges.ts'
import type { Sighted } from '../observation/software.ts'

/** Software of one host with where it was seen, and which signatures hold there. */
export type HostSoftware = Readonly<{
  asset: string
  software: readonly Sighted[]
  /** All software that is known of the host, of whatever origin. */
  context: readonly Piece[]
  /** Whether this signature was found on this port of the host (0: the host as a whole). */
  holds(signature: number, port: number): boolean
}>

/** Whether what is said of it depends on what else is on the host. */
export const inCompany = ({ software }: Pick<Sighted, 'software'>): boolean => !isDistribution(software.ecosystem)

/**
 * What the release says of hosts' software by its versions, as detections with their proof. A signature of ours that names the vulnerability and was judged over the
 * same observation, or holds at the same place, decides there instead. Null when no release is in force: then nothing was judged.
 */
export async function detectRanges(knowledge: Knowledge, hosts: readonly HostSoftware[]): Promise<readonly Detection[] | null> {
  const { ranges } = knowledge
  if (ranges === null) return null
  const found = await ranges.match(hosts.map((host) => ({ pieces: host.software, context: host.context })))
  const hits = hosts.flatMap((host, place) => host.software.flatMap((one) => (found[place]!.get(one.id) ?? []).map((hit) => ({ host, one, hit }))))
    .filter(({ host, one, hit }) => !outranked(knowledge, host, one, hit))
  await ranges.ensure(hits.map(({ hit }) => hit))
  return hits.map(({ one, hit }) => detectionOf(one, hit, ranges.checkOf(hit.check)?.severity ?? 3))
}

function outranked(knowledge: Knowledge, host: HostSoftware, one: Sighted, hit: RangeHit): boolean {
  const port = one.at.port ?? 0
  return knowledge.naming(hit.vulnerability).some((signature) =>
    (signature.on === 'service' && one.product !== null && signature.products.includes(one.product)) || (signature.type !== 'information' && host.holds(signature.id, port)))
}

const backports = 'Only the version that the service tells is known. A vendor may have repaired it under the same version: compare what is installed.'

function detectionOf(one: Sighted, hit: RangeHit, severity: Severity): Detection {
  const { software } = one
  const from = software.source === undefined || software.source === software.name ? '' : `, of source ${software.source} ${software.sourceVersion ?? ''}`.trimEnd()
  const label = software.ecosystem === 'cpe' ? software.name.slice(software.name.indexOf(':') + 1) : software.name
  const repaired = hit.fixedIn !== null ? `Fixed in ${hit.fixedIn}.` : hit.unfixed ? 'The vendor has no fix.' : 'No fixed version is known.'
  return {
    signature: hit.check,
    version: 1,
    at: one.at,
    type: hit.type,
    severity,
    result: fit(`${label} ${software.version} is installed${from}. Affected: ${hit.range} (${hit.source}, ${hit.key}). ${repaired}`, 2000),
    ...(hit.type === 'potential' ? { note: backports } : {}),
    seen: one.seen,
    by: one.by,
    evidence: {
      sent: '', received: fit(one.text, 4096),
      note: fit(`${software.ecosystem} ${software.name} ${software.version}${from} is in the range "${hit.range}" that ${hit.source} gives for ${hit.vulnerability} in ${hit.key}. ${repaired}`, 1000),
    },
  }
}
