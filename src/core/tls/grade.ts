import type { Shapes } from '../observation.ts'
import { suiteOf, type Suite } from './suite.ts'

export type Letter = 'A+' | 'A' | 'A-' | 'B' | 'C' | 'D' | 'E' | 'F'
/** Why a grade is no better; `cap` is the best that it leaves. */
export type Reason = Readonly<{ code: string; cap: Letter | 'T' | 'M'; text: string }>

export type Grade = Readonly<{
  /** T: the certificate is not trusted, M: it names another host; either stands before the letter, which `otherwise` has. */
  grade: Letter | 'T' | 'M'
  otherwise: Letter
  /** 0–100, and what it is made of. */
  score: number
  protocol: number
  keyExchange: number
  cipher: number
  /** Worst first; every reason that holds. */
  reasons: readonly Reason[]
  /** What was not looked at, so that the grade may be too good. */
  unknown: readonly string[]
}>

type Seen = Shapes['tls']

const letters: readonly Letter[] = ['A+', 'A', 'A-', 'B', 'C', 'D', 'E', 'F']
const protocolScore: Readonly<Record<string, number>> = { 'SSLv2': 0, 'SSLv3': 80, 'TLSv1.0': 90, 'TLSv1.1': 95, 'TLSv1.2': 100, 'TLSv1.3': 100 }
const halfYear = 15_768_000

/**
 * The grade of a server, after the published SSL Server Rating Guide (2009q; docs/user/tls-grade.md has the numbers). Pure, from what was seen, so that new rules grade
 * stored observations again. Null where no version was accepted: nothing to grade. `hsts`: the longest max-age seen, null where nobody asked.
 */
export function gradeOf(seen: Seen, hsts: number | null = seen.hsts ?? null): Grade | null {
  if (seen.accepted.length === 0) return null
  const suites = seen.suites.map(suiteOf).filter((suite) => suite !== null)
  const protocol = middle(seen.accepted.map((version) => protocolScore[version] ?? 100))
  const keyExchange = exchangeScore(seen, suites)
  const cipher = suites.length === 0 ? 0 : middle(suites.map(({ bits }) => (bits === 0 ? 0 : bits < 128 ? 20 : bits < 256 ? 80 : 100)))
  const nothing = protocol === 0 || keyExchange === 0 || cipher === 0
  const score = nothing ? 0 : Math.round(0.3 * protocol + 0.3 * keyExchange + 0.4 * cipher)
  const reasons = [...reasonsOf(seen, suites)].sort((a, b) => rank(b.cap) - rank(a.cap))
  const byScore: Letter = score >= 80 ? 'A' : score >= 65 ? 'B' : score >= 50 ? 'C' : score >= 35 ? 'D' : score >= 20 ? 'E' : 'F'
  const worst = reasons.map(({ cap }) => cap).find((cap) => cap !== 'T' && cap !== 'M')
  const capped = worst === undefined || letters.indexOf(worst) < letters.indexOf(byScore) ? byScore : worst
  const otherwise = capped === 'A' && worst === undefined && (hsts ?? 0) >= halfYear ? 'A+' : capped
  const trust = reasons.find(({ cap }) => cap === 'T') ?? reasons.find(({ cap }) => cap === 'M')
  return { grade: trust === undefined ? otherwise : (trust.cap as 'T' | 'M'), otherwise, score, protocol, keyExchange, cipher, reasons, unknown: unknownOf(seen, hsts) }
}

/** Half of best and worst; a best of 0 stays 0. */
function middle(scores: readonly number[]): number {
  return (Math.max(...scores) + Math.min(...scores)) / 2
}

function rank(cap: Reason['cap']): number {
  return cap === 'T' ? 99 : cap === 'M' ? 98 : letters.indexOf(cap)
}

/** Bits of an RSA or finite-field key that an elliptic curve of so many bits equals (NIST SP 800-57 part 1, table 2). */
function rsaBits(curveBits: number): number {
  return curveBits >= 512 ? 15_360 : curveBits >= 384 ? 7680 : curveBits >= 250 ? 3072 : curveBits >= 224 ? 2048 : 1024
}

function exchangeScore(seen: Seen, suites: readonly Suite[]): number {
  if (suites.some(({ proof }) => proof === 'anon')) return 0
  const sizes = [
    ...(seen.certificate === null || seen.certificate.keyBits === 0 ? [] : [/^(ec|ed)/.test(seen.certificate.keyType) ? rsaBits(seen.certificate.keyBits) : seen.certificate.keyBits]),
    ...(seen.dhBits === null ? [] : [seen.dhBits]),
  ]
  const least = Math.min(...sizes, 1e9)
  const score = least === 1e9 ? 90 : least < 512 ? 20 : least < 1024 ? 40 : least < 2048 ? 80 : least < 4096 ? 90 : 100
  return suites.some(({ weak }) => weak.includes('EXPORT')) ? Math.min(score, 40) : score
}

const flawTexts: Readonly<Record<string, string>> = {
  'heartbleed': 'It answers more memory than it was sent (Heartbleed)',
  'ccs-injection': 'It takes a ChangeCipherSpec before there are keys (CVE-2014-0224)',
  'robot': 'It tells good RSA padding from bad (ROBOT)',
  'poodle-tls': 'It does not check the padding of TLS records (POODLE against TLS)',
  'padding-oracle': 'It tells wrong padding of TLS records from a wrong MAC (Zombie POODLE, GOLDENDOODLE)',
  'ticketbleed': 'It answers memory in session ids (Ticketbleed)',
}

function* reasonsOf(seen: Seen, suites: readonly Suite[]): Generator<Reason> {
  const has = (version: string): boolean => seen.accepted.includes(version)
  const weak = new Set([...seen.weak, ...suites.flatMap((suite) => suite.weak)])
  const modern = has('TLSv1.2') || has('TLSv1.3')
  if (seen.certificate !== null) {
    if (!seen.certificate.trusted) yield { code: 'untrusted', cap: 'T', text: `The certificate is not trusted (${seen.certificate.trustError ?? 'unknown'})` }
    if (seen.certificate.nameMatches === false) yield { code: 'name', cap: 'M', text: 'The certificate names another host' }
  }
  if (has('SSLv2')) yield { code: 'sslv2', cap: 'F', text: 'SSL 2 is enabled (DROWN)' }
  if (weak.has('EXPORT')) yield { code: 'export', cap: 'F', text: 'Export suites are accepted (FREAK, Logjam)' }
  if (weak.has('NULL')) yield { code: 'null', cap: 'F', text: 'Suites without encryption are accepted' }
  if (weak.has('anon')) yield { code: 'anonymous', cap: 'F', text: 'Suites without proof of the server are accepted' }
  for (const flaw of seen.flaws ?? []) if (flawTexts[flaw] !== undefined) yield { code: flaw, cap: 'F', text: flawTexts[flaw] }
  if (seen.secureRenegotiation === false && seen.clientRenegotiation === true) yield { code: 'insecure-renegotiation', cap: 'F', text: 'Renegotiation is insecure (CVE-2009-3555)' }
  if (!modern) yield { code: 'no-tls12', cap: 'C', text: 'No version from TLS 1.2 on is offered' }
  if (seen.compression === true) yield { code: 'compression', cap: 'C', text: 'TLS compression is on (CRIME)' }
  if (weak.has('RC4')) yield takenWith('RC4', modern) ? { code: 'rc4', cap: 'C', text: 'RC4 is accepted with TLS 1.1 or newer' } : { code: 'rc4-old', cap: 'B', text: 'RC4 is accepted with old versions' }
  if (weak.has('3DES') && takenWith('3DES', modern)) yield { code: '3des', cap: 'C', text: '3DES is accepted with TLS 1.1 or newer (Sweet32)' }
  if (seen.dhBits !== null && seen.dhBits < 2048) yield { code: 'dh', cap: seen.dhBits < 1024 ? 'F' : 'B', text: `The Diffie-Hellman group has ${seen.dhBits} bits` }
  if (has('SSLv3')) yield { code: 'sslv3', cap: 'B', text: 'SSL 3 is enabled (POODLE)' }
  if (seen.forwardSecrecy === false) yield { code: 'no-forward-secrecy', cap: 'B', text: 'No suite has forward secrecy' }
  if (suites.length > 0 && !suites.some(({ aead }) => aead)) yield { code: 'no-aead', cap: 'B', text: 'No suite is authenticated encryption' }
  for (const version of ['TLSv1.0', 'TLSv1.1']) if (has(version)) yield { code: version.toLowerCase(), cap: 'B', text: `${version.replace('v', ' ')} is enabled` }
  if (seen.secureRenegotiation === false) yield { code: 'no-secure-renegotiation', cap: 'A-', text: 'Secure renegotiation (RFC 5746) is not offered' }

  /** By version where suites were told apart, else by what the newest version is. */
  function takenWith(name: string, otherwise: boolean): boolean {
    const newer = seen.offers?.filter(({ version }) => /^TLSv1\.[123]$/.test(version))
    return newer === undefined || newer.length === 0 ? otherwise || has('TLSv1.1') : newer.some((offer) => offer.suites.some((suite) => suiteOf(suite)?.weak.includes(name)))
  }
}

function unknownOf(seen: Seen, hsts: number | null): readonly string[] {
  const below13 = seen.accepted.some((version) => /^(SSLv3|TLSv1\.[012])$/.test(version))
  return [
    ...(seen.certificate === null ? ['certificate'] : seen.certificate.nameMatches === null ? ['name'] : []),
    ...['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'].filter((version) => !seen.accepted.includes(version) && !seen.refused.includes(version)),
    ...(hsts === null ? ['hsts'] : []),
    ...(below13 && seen.secureRenegotiation == null ? ['renegotiation'] : []),
    ...(below13 ? ['heartbleed', 'ccs-injection', 'robot', 'poodle-tls', 'padding-oracle', 'ticketbleed'].filter((flaw) => !(seen.tested ?? []).includes(flaw)) : []),
  ]
}
