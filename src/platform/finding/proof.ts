import { promisify } from 'node:util'
import { zstdCompress, zstdDecompress } from 'node:zlib'
import type { Proof } from '#core/proof.ts'
import { fitProof } from '#core/proof-size.ts'
import type { Tx } from '#store/store.ts'

/** Bytes of one proof, compressed, that are kept. */
const mostKept = 1_048_576
const mostUnpacked = 33_554_432
const mostCharacters = 4_000_000
const atOnce = 50

export type KeptProof = Readonly<{ at: Date; version: number; proof: Proof }>

/** Keeps the proofs of findings, each in place of the one before. */
export async function keepProofs({ sql, tenant }: Tx, proofs: readonly Readonly<{ finding: string; version: number; proof: Proof }>[], at: Date): Promise<void> {
  for (let from = 0; from < proofs.length; from += atOnce) {
    const part = await Promise.all(proofs.slice(from, from + atOnce).map(async ({ finding, version, proof }) => ({ finding, version, body: await packed(proof) })))
    await sql`
      insert into finding_proof (tenant_id, finding_id, at, signature_version, body)
      select ${tenant}, finding, ${at}, version, decode(body, 'base64')
      from unnest(${part.map((one) => one.finding)}::uuid[], ${part.map((one) => one.version)}::int[], ${part.map((one) => one.body.toString('base64'))}::text[]) as u (finding, version, body)
      on conflict (tenant_id, finding_id) do update set at = excluded.at, signature_version = excluded.signature_version, body = excluded.body`
  }
}

/** The proof of a finding; null when its scanner sent none. The caller has made sure that the finding may be read. */
export async function readProof({ sql, tenant }: Tx, finding: string): Promise<KeptProof | null> {
  const [row] = await sql<{ at: Date; version: number; body: Uint8Array }[]>`
    select at, signature_version as version, body from finding_proof where tenant_id = ${tenant} and finding_id = ${finding}`
  if (row === undefined) return null
  return { at: row.at, version: row.version, proof: JSON.parse((await promisify(zstdDecompress)(row.body, { maxOutputLength: mostUnpacked })).toString()) as Proof }
}

/** Compresses it; what does not compress to so little is cut until it does. */
async function packed(proof: Proof): Promise<Buffer> {
  for (let characters = mostCharacters; ; characters /= 4) {
    const bytes = await promisify(zstdCompress)(JSON.stringify(fitProof(proof, characters)))
    if (bytes.length <= mostKept || characters < 1) return bytes
  }
}
