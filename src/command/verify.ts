import { readFile } from 'node:fs/promises'
import { isProof } from '#channel/event-reader.ts'
import { fail } from '#core/errors.ts'
import { packFile } from '#core/template/pack.ts'
import type { ProofBundle } from '#core/proof.ts'
import type { Signature } from '#core/signature.ts'
import { redecide } from '#engine/proof/redecide.ts'
import { knowledgeFolder } from '#knowledge/folder.ts'
import { openKnowledge } from '#knowledge/open.ts'
import { publishedSignatures } from '#platform/kb/draft-source.ts'
import { proofBundle } from '#platform/finding/proof-bundle.ts'
import { isId } from '#store/id.ts'
import { openStore } from '#store/open.ts'
import type { Store } from '#store/store.ts'
import { options, type Command } from './command.ts'
import { shippedContent } from './shipped-content.ts'
import { askHolder } from './control-socket.ts'
import { dataFolder } from './data-folder.ts'

const help = `vigil verify FINDING|FILE [options]

Decides a finding again from its proof alone: the look that saw it is repeated over the bytes that were recorded, and its check is judged over
what that sees. Nothing is sent to anybody. To test the host itself again, press Verify beside the finding.

  FINDING       id of a finding, on the machine that runs Vigil
  FILE          a proof that was downloaded, on any machine
  --data DIR    data directory (default: as for vigil up)
  --json        the verdict as JSON

Exit codes: 0 it holds, 1 it does not, 3 the proof does not suffice.
`

const most = 67_108_864

export const verifyCommand: Command = async (argv) => {
  const parsed = options(argv, help, { data: { type: 'string' }, json: { type: 'boolean', default: false } })
  if (parsed === null) return 0
  const [what, more] = parsed.positionals
  if (what === undefined || more !== undefined) return fail('usage', { what: 'vigil verify needs the id of one finding, or one file. Try --help.' })
  const bundle = isId(what) ? await ofFinding(what, dataFolder(parsed.values.data)) : await ofFile(what)
  const verdict = await redecide(bundle)
  if (parsed.values.json) process.stdout.write(`${JSON.stringify({ finding: bundle.finding, check: bundle.check.number, ...verdict })}\n`)
  else {
    const { finding, proof } = bundle
    process.stdout.write(`${finding.title}\n  ${finding.at.address}${finding.at.port === undefined ? '' : ` port ${finding.at.port}`}, seen ${finding.seen}\n  then: ${finding.result}\n`)
    if (verdict.result !== undefined) process.stdout.write(`  now:  ${verdict.result}\n`)
    process.stdout.write(`  ${proof.control.length > 0 ? `${proof.control.length} negative controls` : proof.controlNote ?? 'no negative control'}\n${verdict.verdict.toUpperCase()}: ${verdict.text}\n`)
  }
  return verdict.verdict === 'holds' ? 0 : verdict.verdict === 'fails' ? 1 : 3
}

async function ofFile(path: string): Promise<ProofBundle> {
  const bytes = await readFile(path).catch(() => fail('usage', { what: `"${path.slice(0, 200)}" is neither the id of a finding nor a file that can be read.` }))
  if (bytes.length > most) fail('too_large', { what: 'The proof', size: `${bytes.length} bytes`, most })
  try {
    const bundle = JSON.parse(bytes.toString()) as ProofBundle
    if (bundle.format === 'vigil-proof/1' && isProof(bundle.proof) && typeof bundle.finding.at.address === 'string' && typeof bundle.check.number === 'number') return bundle
  } catch {
    // Told below, as any other file that is none.
  }
  return fail('usage', { what: `${path.slice(0, 200)} is no proof of a finding. Download one from the finding's Proof tab.` })
}

async function ofFinding(id: string, data: string): Promise<ProofBundle> {
  if ((await askHolder(data)) === null) fail('usage', { what: `Vigil is not running on ${data}. Start it with ./vigil up first, or download the proof and give the file.` })
  const opened = await openStore({ data, ...(process.env['DATABASE_URL'] ? { url: process.env['DATABASE_URL'] } : {}), shared: true })
  const base = await openKnowledge(knowledgeFolder(data))
  try {
    const { store } = opened
    const bytes = await base.file(packFile)
    const signatures = await rulesOf(store, base.signatures())
    const rules = { signature: (check: number) => signatures.get(check), templates: bytes === null ? null : { digest: '', bytes } }
    const tenant = (await tenantOf(store, id)) ?? fail('not_found', { what: 'finding', id })
    return await store.read(tenant, (tx) => proofBundle(tx, id, null, rules))
  } finally {
    await base.close()
    await opened.close()
  }
}

/** The operator of the machine asks: whose finding it is, is looked up. */
async function tenantOf(store: Store, id: string): Promise<string | null> {
  for (const tenant of await store.platform(({ sql }) => sql<{ id: string }[]>`select id from tenant order by id`)) {
    const [row] = await store.read(tenant.id, ({ sql }) => sql`select from finding where tenant_id = ${tenant.id} and id = ${id}`)
    if (row !== undefined) return tenant.id
  }
  return null
}

async function rulesOf(store: Store, released: Promise<readonly Signature[]>): Promise<ReadonlyMap<number, Signature>> {
  const shipped = await shippedContent()
  const own = await publishedSignatures(store)
  return new Map([...shipped.signatures, ...await released, ...own.signatures].map((one) => [one.id, one]))
}
