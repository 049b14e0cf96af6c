import { promisify } from 'node:util'
import { zstdDecompress } from 'node:zlib'
import { fail } from '#core/errors.ts'
import type { Place } from '#core/place.ts'
import type { ProofBundle } from '#core/proof.ts'
import type { Signature } from '#core/signature.ts'
import type { PackedTemplate, TemplatePack } from '#core/template/pack.ts'
import type { Tx } from '#store/store.ts'
import type { ScopeGroups } from '../asset/scope.ts'
import { readFinding } from './detail.ts'
import { readProof } from './proof.ts'

const mostUnpacked = 268_435_456

/** Where a check's rule is found. */
export type Rules = Readonly<{ signature(check: number): Signature | undefined; templates: TemplatePack | null }>

/** All that is needed to decide a finding again elsewhere. Not there when the finding is not, or its scanner sent no bytes. */
export async function proofBundle(tx: Tx, id: string, scope: ScopeGroups, rules: Rules): Promise<ProofBundle> {
  const finding = await readFinding(tx, id, scope)
  const kept = (await readProof(tx, id)) ?? fail('finding.no_proof', { id })
  const [host = '', path = ''] = finding.instance.split('|')
  const at: Place = {
    asset: finding.asset_id, address: kept.proof.trigger?.at.address ?? finding.address ?? '', ...(host === '' ? {} : { host }), ...(finding.port === 0 ? {} : { port: finding.port }),
    ...(finding.proto === '' ? {} : { proto: finding.proto as 'tcp' | 'udp' }), ...(path === '' ? {} : { path }),
  }
  const signature = rules.signature(finding.signature)
  const plan = signature === undefined && rules.templates !== null && kept.proof.check.startsWith('template') ? await planOf(rules.templates, finding.signature) : null
  return {
    format: 'vigil-proof/1',
    finding: { id, title: finding.title, at, result: finding.result ?? '', severity: finding.severity, type: finding.type, seen: kept.at.toISOString() },
    check: { number: finding.signature, decidedBy: kept.version, ...(signature === undefined ? {} : { signature }), ...(plan === null ? {} : { plan: plan.plan }) },
    proof: kept.proof,
  }
}

async function planOf({ bytes }: TemplatePack, check: number): Promise<PackedTemplate | null> {
  const text = await promisify(zstdDecompress)(bytes, { maxOutputLength: mostUnpacked })
  const at = text.indexOf(`{"check":${check},`)
  if (at < 0) return null
  const end = text.indexOf('\n', at)
  return JSON.parse(text.subarray(at, end < 0 ? text.length : end).toString()) as PackedTemplate
}
