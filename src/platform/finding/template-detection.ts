import type { Observation } from '#core/observation.ts'
import type { Detection } from '#core/signature.ts'
import { fit } from '../asset/text.ts'
import type { Knowledge } from '../kb/knowledge.ts'
import type { KnownTemplate } from '../kb/template-checks.ts'

type Matched = Observation<'match'>

/** What templates matched, as detections with their proof; several matchers of one template at one place are one. A template that the release in force does not know says nothing. */
export async function detectTemplates({ templates }: Knowledge, seen: readonly Observation[]): Promise<readonly Detection[]> {
  const matched = seen.filter((one): one is Matched => one.kind === 'match')
  if (templates === null || matched.length === 0) return []
  const checks = await templates.of(matched.map((one) => one.data.template))
  const groups = Map.groupBy(matched.filter((one) => checks.has(one.data.template)), ({ data, at }) => JSON.stringify([data.template, at]))
  return [...groups.values()].map((group) => detectionOf(group, checks.get(group[0]!.data.template)!))
}

function detectionOf(group: readonly Matched[], { check, version, title, severity, type }: KnownTemplate): Detection {
  const [first] = group
  const matchers = [...new Set(group.flatMap(({ data }) => (data.matcher === undefined ? [] : [data.matcher])))]
  const read = [...new Set(group.flatMap(({ data }) => data.extracted))]
  const parts = [title, ...matchers.length === 0 ? [] : [`matched: ${matchers.slice(0, 20).join(', ')}`], ...read.length === 0 ? [] : [`read: ${read.slice(0, 20).map((text) => fit(text, 200)).join(', ')}`]]
  return {
    signature: check, version, at: first!.at, type, severity, result: fit(parts.join('; '), 2000), seen: first!.seen, by: first!.by,
    ...(first!.evidence === undefined ? {} : { evidence: first!.evidence }), ...(first!.proof === undefined ? {} : { proof: first!.proof }),
  }
}
