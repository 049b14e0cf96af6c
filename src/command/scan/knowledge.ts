import { compileFingerprints } from '#core/fingerprint/fingerprints.ts'
import type { Observation } from '#core/observation.ts'
import type { Profile } from '#core/profile.ts'
import type { Detection, Severity } from '#core/signature.ts'
import { packFile } from '#core/template/pack.ts'
import { recogniseWith, type Recognise } from '#engine/recognise/recognise.ts'
import type { TemplateLibrary } from '#engine/template/library.ts'
import { plain, type CheckText } from '#formats/finding-line.ts'
import { knowledgeFolder } from '#knowledge/folder.ts'
import type { TemplateCheck } from '#knowledge/knowledge-base.ts'
import { openKnowledge } from '#knowledge/open.ts'
import { libraryOf } from '#scanner/template-library.ts'

/** What a scan from the terminal takes of the KnowledgeBase of an installation on this machine; nothing where there is none. */
export type ScanKnowledge = Readonly<{
  recognise: Recognise | undefined
  templates: TemplateLibrary | undefined
  /** A match of a template, as a finding; null of anything else, and of what the release does not know. */
  detect(seen: Observation): Promise<readonly [Detection, CheckText] | null>
  close(): Promise<void>
}>

export async function openScanKnowledge(data: string, profile: Profile): Promise<ScanKnowledge> {
  const base = await openKnowledge(knowledgeFolder(data))
  const fingerprints = await base.fingerprints()
  const pack = profile.templates === 'off' ? null : await base.file(packFile)
  const checks = new Map<string, TemplateCheck | null>()

  async function checkOf(template: string): Promise<TemplateCheck | null> {
    const known = checks.get(template)
    if (known !== undefined) return known
    const [check = null] = await base.templateChecks([template])
    checks.set(template, check)
    return check
  }

  return {
    recognise: fingerprints.length === 0 ? undefined : recogniseWith(compileFingerprints(fingerprints)),
    templates: pack === null ? undefined : libraryOf({ digest: '', bytes: pack }, profile),
    async detect(seen) {
      if (seen.kind !== 'match') return null
      const check = await checkOf(seen.data.template)
      return check === null ? null : [detectionOf(seen, check), textOf(check)]
    },
    close: () => base.close(),
  }
}

function detectionOf(seen: Observation<'match'>, { id, version, severity, type }: TemplateCheck): Detection {
  const { matcher, template, extracted } = seen.data
  const parts = [matcher === undefined ? `template ${template}` : `template ${template}, matched: ${matcher}`, ...(extracted.length === 0 ? [] : [`read: ${extracted.slice(0, 20).join(', ')}`])]
  return { signature: id, version, at: seen.at, type, severity: severity as Severity, result: plain(parts.join('; ')).slice(0, 2000), seen: seen.seen, by: seen.by, ...(seen.evidence === undefined ? {} : { evidence: seen.evidence }) }
}

function textOf({ title, category, cve, score, remediation }: TemplateCheck): CheckText {
  return { title, category, cve, ...(score === null ? {} : { score }), solution: remediation === '' ? 'Follow the references of the check, and install the version that holds the fix or close what is open.' : remediation }
}
