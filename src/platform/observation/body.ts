import { createHash } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import type { Evidence, Kind, Observation, Shapes } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import { fit } from '../asset/text.ts'

/** Kinds that are kept as observations. Packages are kept as sets of software (inventory.ts). */
export type KeptKind = Extract<Kind, 'host' | 'port' | 'service' | 'tls' | 'http' | 'login' | 'system' | 'setting'>

/** An observation as it is kept: what judging needs. `id` and `place` are 64-bit numbers as text. */
export type Kept = Readonly<{ id: string; place: string; kind: KeptKind; proto: '' | 'tcp' | 'udp'; port: number; probe: string; body: Buffer }>

const longestProof = 4096
/** Above this a body is compressed; the first byte tells. */
const plainMost = 512
/** Hostile or damaged: what unpacks to more is none of ours. */
const unpacksMost = 4_194_304

/** What differs from look to look and means nothing. */
const volatileHeaders = new Set(['date', 'expires', 'age', 'etag', 'x-request-id', 'x-correlation-id', 'x-runtime', 'cf-ray', 'x-amz-request-id', 'x-amz-id-2', 'x-served-by', 'x-timer', 'x-trace-id'])

/** Null for what is not kept: packages, template matches, and ports that are not open. */
export function keptOf(seen: Observation): Kept | null {
  if (seen.kind === 'package' || seen.kind === 'match') return null
  if (seen.kind === 'port' && seen.data.state !== 'open') return null
  const { asset: _, ...at } = seen.at
  const data = seen.kind === 'http' ? quiet(seen.data) : seen.data
  const probe = fit(seen.by, 80)
  const where = JSON.stringify([seen.kind, at.address, at.host ?? '', at.proto ?? '', at.port ?? 0, at.path ?? '', probe.replace(/@.*$/, ''), ...subjectOf(seen)])
  return {
    place: hash64(where),
    id: hash64(where, JSON.stringify(data)),
    kind: seen.kind,
    proto: at.port === undefined ? '' : at.proto ?? 'tcp',
    port: at.port ?? 0,
    probe,
    body: pack({ at, data, ...(seen.evidence === undefined ? {} : { evidence: cut(seen.evidence) }) }),
  }
}

/** What tells two observations of one kind at one place apart. */
function subjectOf(seen: Observation): readonly string[] {
  if (seen.kind === 'setting') return [seen.data.area, seen.data.name ?? '']
  return seen.kind === 'login' ? [seen.data.record] : []
}

type Body = Readonly<{ at: Omit<Place, 'asset'>; data: unknown; evidence?: Evidence }>

/** The observation as a probe said it, of `asset`, last seen at `seen` (Unix ms). Null when the body is damaged. */
export function observationOf(row: Readonly<{ kind: string; probe: string; body: Uint8Array }>, asset: string, seen: number): Observation | null {
  const body = unpack(row.body)
  if (body === null) return null
  return { kind: row.kind, at: { asset, ...body.at }, seen, by: row.probe, data: body.data, ...(body.evidence === undefined ? {} : { evidence: body.evidence }) } as Observation
}

/** 64 bits of SHA-256 as a signed number in text: what a bigint column holds, and no number of JavaScript does. */
export function hash64(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part).update('\0')
  return hash.digest().readBigInt64BE(0).toString()
}

function quiet(data: Shapes['http']): Shapes['http'] {
  return { ...data, headers: Object.fromEntries(Object.entries(data.headers).filter(([name]) => !volatileHeaders.has(name))) }
}

function cut({ sent, received, note }: Evidence): Evidence {
  return { sent: fit(sent, longestProof), received: fit(received, longestProof), ...(note === undefined ? {} : { note: fit(note, 1000) }) }
}

function pack(body: Body): Buffer {
  const plain = Buffer.from(JSON.stringify(body))
  return plain.length <= plainMost ? plain : zstdCompressSync(plain)
}

function unpack(bytes: Uint8Array): Body | null {
  try {
    const plain = bytes[0] === 0x7b ? Buffer.from(bytes) : zstdDecompressSync(bytes, { maxOutputLength: unpacksMost })
    return JSON.parse(plain.toString()) as Body
  } catch {
    return null
  }
}
