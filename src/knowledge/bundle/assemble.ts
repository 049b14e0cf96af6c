import type { FileHandle } from 'node:fs/promises'
import { fail } from '#core/errors.ts'
import { chunkBytes, lengthOf, type Manifest } from './manifest.ts'
import { eachPart, hashOf, unpackPart, writeAt, type PartFile } from './part.ts'

export type Assembly = Readonly<{
  manifest: Manifest
  /** How to name the bundle in messages. */
  path: string
  /** The release that the bundle was made against; null when there is none, then a bundle that needs one is refused. */
  base: PartFile | null
  have: number
  /** The carried form of a part; fewer bytes when it ends early. */
  packed(index: number): Promise<Uint8Array>
  /** The same part from elsewhere, unchecked, or null: then `packed` is asked. */
  local?(index: number): Promise<Uint8Array | null>
  /** Null: everything is checked and nothing written. */
  into: FileHandle | null
  signal?: AbortSignal
}>

/**
 * Puts the release file together, part by part, each checked against the signed manifest: what is carried before it is unpacked, what comes out before it is written.
 * Throws `bundle.tampered`, or `bundle.base` when it is the base that is another.
 */
export async function assemble(assembly: Assembly): Promise<void> {
  const { manifest, into } = assembly
  let [unsynced, synced] = [0, Promise.resolve()]
  try {
    await eachPart(manifest.chunks.length, async (index) => {
      const bytes = await partOf(assembly, index)
      if (into === null) return
      await writeAt(into, bytes, index * chunkBytes)
      unsynced += bytes.length
      if (unsynced < syncBytes) return
      // The disk works while the rest is unpacked; what is not told here is told by the sync at the end.
      unsynced = 0
      synced = synced.then(() => into.datasync()).catch(() => {})
    }, assembly.signal)
  } finally {
    await synced
  }
}

const syncBytes = 64 * 1024 * 1024

async function partOf({ manifest, path, base, have, packed, local }: Assembly, index: number): Promise<Uint8Array> {
  const [own, how, packedHash] = manifest.chunks[index]!
  const length = lengthOf(manifest.size, index)
  const wrongBase = (): never => fail('bundle.base', { path, base: manifest.base?.number ?? 0, have })
  const tampered = (what: string): never => fail('bundle.tampered', { path, place: `part ${index + 1} of ${manifest.chunks.length} ${what}` })
  if (how !== 'zstd' && base === null) return wrongBase()
  if (how === 'base') {
    const bytes = await base!.part(index)
    return bytes.length === length && hashOf(bytes) === own ? bytes : wrongBase()
  }
  const near = (await local?.(index)) ?? null
  if (near !== null && near.length === length && hashOf(near) === own) return near
  const carried = await packed(index)
  if (carried.length !== manifest.chunks[index]![3]) return tampered('ends early')
  if (hashOf(carried) !== packedHash) return tampered('is not what was signed')
  const bytes = await unpackPart(carried, length, how === 'delta' ? await base!.around(index) : undefined).catch(() => null)
  if (bytes !== null && bytes.length === length && hashOf(bytes) === own) return bytes
  return how === 'delta' ? wrongBase() : tampered('does not unpack to what was signed')
}
