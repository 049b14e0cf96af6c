import type { Plan } from './plan.ts'

/** One line of the packed templates of a release: zstd over lines of JSON, in the order of `check`. */
export type PackedTemplate = Readonly<{ check: number; plan: Plan }>

/** All templates of a release as scanners are given them; `digest` is the SHA-256 of `bytes` in hex. */
export type TemplatePack = Readonly<{ digest: string; bytes: Uint8Array }>

/** Under what name a release keeps the bytes (table `file`). */
export const packFile = 'templates'
/** The same for the plan of one template, before its key. */
export const planFile = 'plan:'
