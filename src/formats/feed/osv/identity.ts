import { type Fields, isCve, unique, wordOf, wordsOf } from '../value/json-value.ts'

/** What a record is about: the vulnerabilities (CVEs, or the record itself), and other names of the one it is about. */
export type Identity = Readonly<{ id: string; vulnerabilities: readonly string[]; aliases: readonly string[] }>

/** Advisories of distributions and vendors: one update for several vulnerabilities, named in `upstream`, `related` or, wrongly, `aliases`. */
const advisory = /^(?:DSA|DLA|DTSA|USN|LSN|RHSA|RHBA|RHEA|ALSA|ALBA|ALEA|RLSA|RXSA|RLBA|SUSE-[A-Z]{2}|openSUSE-[A-Z]{2}|ELSA|MGASA|openEuler-SA|OESA|BELL-SA|PHSA|AZL|EEF|CESA|FEDORA|ALAS\d*)[-:]/
/** One CVE as a distribution sees it: `UBUNTU-CVE-2024-1234`. */
const mirrored = /^[A-Za-z]+-(CVE-(?:19|20)\d\d-\d{4,7})$/
const mostCves = 500

/** Null for what has no id of its own. */
export function identityOf(record: Fields): Identity | null {
  const id = wordOf(record['id'], 100)
  if (id === undefined) return null
  const aliases = wordsOf(record['aliases'], 1000)
  const upstream = wordsOf(record['upstream'], 1000)
  const related = wordsOf(record['related'], 1000)
  const isAdvisory = advisory.test(id)
  const mirror = mirrored.exec(id)?.[1]
  const own = unique([id, ...aliases].filter(isCve))
  const cves = mirror !== undefined ? [mirror] : own.length > 0 && !isAdvisory ? own
    : unique([...own, ...upstream, ...(isAdvisory ? related : [])].map((one) => mirrored.exec(one)?.[1] ?? one).filter(isCve)).slice(0, mostCves)
  const vulnerabilities = cves.length > 0 ? cves : [id]
  if (isAdvisory || mirror !== undefined || vulnerabilities.length > 1) return { id, vulnerabilities, aliases: [] }
  const names = unique([id, ...aliases].filter((one) => one !== vulnerabilities[0] && !advisory.test(one) && /^[A-Za-z][\w.:-]{3,80}$/.test(one))).slice(0, 50)
  return { id, vulnerabilities, aliases: names }
}
