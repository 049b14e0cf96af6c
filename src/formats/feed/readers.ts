import { plainName } from '../archive/packing/packing.ts'
import { alpine } from './alpine/alpine.ts'
import { csaf } from './csaf/csaf.ts'
import { cve, vulnrichment } from './cve/cve.ts'
import { debian } from './debian/debian.ts'
import { endoflife } from './endoflife/endoflife.ts'
import { epss } from './epss.ts'
import { kev } from './kev.ts'
import { nuclei } from './nuclei/nuclei.ts'
import { nvd, nvdOverrides } from './nvd/nvd.ts'
import { ghsa, osv } from './osv/osv.ts'
import { oui } from './oui.ts'
import { publicSuffix } from './public-suffix.ts'
import type { FeedReader } from './reader.ts'
import { recog } from './recog/recog.ts'
import { redhat } from './redhat/redhat.ts'
import { retirejs } from './retirejs.ts'
import { rustsec } from './rustsec/rustsec.ts'
import { scap } from './scap/scap.ts'
import { ubuntu } from './ubuntu/ubuntu.ts'

/** All feeds there are readers for. A new one is a file or folder here, an import and a line. */
export const readers: readonly FeedReader[] = [
  nuclei,
  recog,
  retirejs,
  kev,
  epss,
  endoflife,
  oui,
  publicSuffix,
  scap,
  vulnrichment,
  cve,
  nvdOverrides,
  nvd,
  ghsa,
  osv,
  rustsec,
  csaf,
  redhat,
  ubuntu,
  debian,
  alpine,
]

/** The reader for a file or folder laid out as upstream or in a mirror folder, or null. */
export function readerFor(path: string): FeedReader | null {
  return readers.find((reader) => reader.recognises(plainName(path))) ?? null
}
