import type { Detection, Severity } from '#core/signature.ts'
import { isDistribution } from '#core/version/ecosystem.ts'
import { hostOf } from '#knowledge/match/host.ts'
import { fit } from '../asset/text.ts'
import type { EndedHit } from '../kb/lifecycles.ts'
import type { Knowledge } from '../kb/knowledge.ts'
import type { Piece, RangeHit, Ranges } from '../kb/ranges.ts'
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
 * same observation, or holds at the same place, decides there instead. Software whose support was over on the day of `now` is told too. Null when no release is in force:
 * then nothing was judged.
 */
export async function detectRanges(knowledge: Knowledge, hosts: readonly HostSoftware[], now: number): Promise<readonly Detection[] | null> {
  const { ranges } = knowledge
  if (ranges === null) return null
  const found = await ranges.match(hosts.map((host) => ({ pieces: host.software, context: host.context })))
  const hits = hosts.flatMap((host, place) => host.software.flatMap((one) => (found[place]!.get(one.id) ?? []).map((hit) => ({ host, one, hit }))))
    .filter(({ host, one, hit }) => !outranked(knowledge, host, one, hit))
  await ranges.ensure(hits.map(({ hit }) => hit))
  return [...hits.map(({ one, hit }) => detectionOf(one, hit, ranges.checkOf(hit.check)?.severity ?? 3)), ...await detectEnded(knowledge, ranges, hosts, new Date(now).toISOString().slice(0, 10))]
}

/** Software that is not supported any more. What a distribution built or packaged lives as long as the distribution. */
async function detectEnded(knowledge: Knowledge, ranges: Ranges, hosts: readonly HostSoftware[], day: string): Promise<readonly Detection[]> {
  const lifecycles = await ranges.lifecycles()
  const found = hosts.flatMap((host) => {
    let company: ReturnType<typeof hostOf> | null = null
    return host.software.flatMap((one) => {
      const hit = one.distro !== undefined && inCompany(one) ? null : lifecycles.ended(one.software, one.text, day)
      if (hit === null || (inCompany(one) && (company ??= hostOf(host.context.map((piece) => piece.software))).isPackaged(one.software))) return []
      return decidedByOurs(knowledge, host, one, hit) ? [] : [{ one, hit }]
    })
  })
  await ranges.ensureLifecycles(found.map(({ hit }) => hit.known))
  return found.map(({ one, hit }) => endDetection(one, hit))
}

/** A hand-written check of the same product decides, where it was judged over the same observation or holds at the same place. */
function decidedByOurs(knowledge: Knowledge, host: HostSoftware, one: Sighted, { known }: EndedHit): boolean {
  const products = new Set(known.products.map(([, name]) => name))
  const port = one.at.port ?? 0
  return knowledge.unsupported.some((signature) => signature.products.some((product) => product === one.product || products.has(product))
    && ((signature.on === 'service' && one.product !== null) || host.holds(signature.id, port)))
}

function endDetection(one: Sighted, { known: { check, lifecycle }, cycle, since, sure, note }: EndedHit): Detection {
  const { software } = one
  const isSystem = isDistribution(software.ecosystem)
  const name = `${lifecycle.title} ${cycle.cycle}`
  const end = since === null ? 'Support has ended' : `Support ended on ${since}`
  const latest = cycle.latest === undefined ? '' : ` The last version of this line is ${cycle.latest}${cycle.latestReleased === undefined ? '' : ` of ${cycle.latestReleased}`}.`
  const what = isSystem ? `The package ${software.name} ${software.version} is one of ${software.ecosystem}.` : `${software.name.slice(software.name.indexOf(':') + 1)} ${software.version} is installed.`
  const isBanner = software.ecosystem === 'cpe'
  const notes = [note, isBanner ? 'Only the version that the service tells is known. A distribution may still maintain it: compare what is installed.' : ''].filter((text) => text !== '').join(' ')
  return {
    signature: check, version: 1, at: one.at, type: sure && !isBanner ? 'confirmed' : 'potential', severity: 4,
    result: fit(`${name} is no longer supported. ${what} ${end} (endoflife.date, ${lifecycle.key}).${latest}`, 2000), ...(notes === '' ? {} : { note: notes }),
    seen: one.seen, by: one.by,
    evidence: { sent: '', received: fit(one.text, 4096), note: fit(`${software.ecosystem} ${software.name} ${software.version} is of the cycle ${cycle.cycle} of ${lifecycle.key}. ${end}, as endoflife.date tells. ${note}`.trim(), 1000) },
  }
}

function outranked(knowledge: Knowledge, host: HostSoftware, one: Sighted, hit: RangeHit): boolean {
  const port = one.at.port ?? 0
  return knowledge.naming(hit.vulnerability).some((signature) =>
    (signature.on === 'service' && one.product !== null && signature.products.includes(one.product)) || (signature.type !== 'information' && host.holds(signature.id, port)))
}

const backports = 'Only the version that the service tells is known. A vendor may have repaired it under the same version: compare what is installed.'

const byAddress = 'The library is known by its address alone, which may name another version than the script has.'

function detectionOf(one: Sighted, hit: RangeHit, severity: Severity): Detection {
  const { software } = one
  const from = software.source === undefined || software.source === software.name ? '' : `, of source ${software.source} ${software.sourceVersion ?? ''}`.trimEnd()
  const label = software.ecosystem === 'cpe' ? software.name.slice(software.name.indexOf(':') + 1) : software.name
  const repaired = hit.fixedIn !== null ? `Fixed in ${hit.fixedIn}.` : hit.unfixed ? 'The vendor has no fix.' : 'No fixed version is known.'
  const { used } = one
  const told = used === undefined ? `${label} ${software.version} is installed${from}` : `The page ${used.page} uses ${label} ${software.version}, as ${used.by === 'content' ? 'the text of the script' : 'its address alone'} tells`
  const type = used?.by === 'content' ? 'confirmed' : hit.type
  return {
    signature: hit.check,
    version: 1,
    at: one.at,
    type,
    severity,
    result: fit(`${told}. Affected: ${hit.range} (${hit.source}, ${hit.key}). ${repaired}`, 2000),
    ...(type === 'potential' ? { note: used === undefined ? backports : byAddress } : {}),
    seen: one.seen,
    by: one.by,
    evidence: {
      sent: '', received: fit(one.text, 4096),
      note: fit(`${software.ecosystem} ${software.name} ${software.version}${from} is in the range "${hit.range}" that ${hit.source} gives for ${hit.vulnerability} in ${hit.key}. ${repaired}`, 1000),
    },
  }
}
