import type { Place } from './place.ts'
import type { Proof } from './proof.ts'

export type Scalar = string | number | boolean
/** What a probe learnt of a service beyond its name: flat, JSON, names in camelCase, documented by the probe. */
export type Facts = Readonly<Record<string, Scalar | readonly Scalar[] | null>>

/** X.509 leaf certificate as presented. Times in Unix ms. */
export type Certificate = Readonly<{
  subject: string
  issuer: string
  names: readonly string[]
  serial: string
  sha256: string
  notBefore: number
  notAfter: number
  keyType: string
  keyBits: number
  /** e.g. `sha256WithRSAEncryption`; lower-case comparison is the signature author's business. */
  signatureAlgorithm: string
  selfSigned: boolean
  /** Whether the chain verifies against the scanner's trust store; `trustError` is OpenSSL's code when it does not. */
  trusted: boolean
  trustError?: string
  /** null when the target was given by address only, so that there is no name to match. */
  nameMatches: boolean | null
  chainLength: number
  /** What was sent after the leaf, in the order it was sent. */
  chain?: readonly ChainLink[]
  /** `incomplete` an issuer is missing, `order`, `extra` sent and not needed, `root` a root was sent, `twice`. Absent: the chain could not be read as sent. */
  chainFaults?: readonly string[]
  /** Whose roots lead to it: `mozilla`, `system`, `configured`. */
  trustedBy?: readonly string[]
  /** The certificate demands a stapled OCSP answer (RFC 7633). */
  mustStaple?: boolean
  /** Signed certificate timestamps inside it. */
  timestamps?: number
  ocsp?: readonly string[]
  crl?: readonly string[]
  wildcard?: boolean
}>

export type ChainLink = Readonly<{ subject: string; issuer: string; sha256: string; notAfter: number; keyType: string; keyBits: number; signatureAlgorithm: string }>

/** What each kind of observation holds. Observations say what was seen and never judge. */
export interface Shapes {
  host: Readonly<{ up: boolean; why: string }>
  port: Readonly<{ state: 'open' | 'closed' | 'filtered'; why?: string }>
  service: Readonly<{
    /** The protocol spoken, in the field's lower-case name: `ssh`, `http`, `redis`, `unknown`. */
    name: string
    product?: string
    version?: string
    cpe?: string
    /** Set when the banner names a distribution build (`debian`, `ubuntu`, `rhel`, …): its fixes are back-ported. */
    distro?: string
    tls: boolean
    /** First bytes the service said, printable, at most 1,024 characters. */
    banner?: string
    facts: Facts
  }>
  tls: Readonly<{
    /** Protocol versions tried and accepted / refused: `SSLv2` `SSLv3` `TLSv1.0` `TLSv1.1` `TLSv1.2` `TLSv1.3`. */
    accepted: readonly string[]
    refused: readonly string[]
    /** Accepted suites by IANA name, as far as they were tried. */
    suites: readonly string[]
    /** Classes of weak suites accepted: `NULL` `anon` `EXPORT` `DES` `RC4` `3DES`. */
    weak: readonly string[]
    forwardSecrecy: boolean | null
    dhBits: number | null
    /** The plain protocol that was upgraded, when not TLS from the first byte. */
    starttls: string | null
    certificate: Certificate | null
    /** From here on: what a scanner before the whole look did not ask. Null or absent is unknown, never no. */
    /** By version, newest first: suites in the order in which the server took them, and whether the order is its own. */
    offers?: readonly Readonly<{ version: string; suites: readonly string[]; order: 'server' | 'client' | null }>[]
    /** Groups and curves taken, by IANA name, in the server's order where it has one. */
    groups?: readonly string[]
    /** Signatures that the server makes in the key exchange of TLS 1.2, by IANA name. */
    signatures?: readonly string[]
    /** The prime of finite-field exchange where it is a published one; `own` otherwise. */
    dhGroup?: string | null
    compression?: boolean | null
    /** RFC 5746 is spoken. */
    secureRenegotiation?: boolean | null
    /** It begins again on the client's word. */
    clientRenegotiation?: boolean | null
    sessionIds?: boolean | null
    tickets?: boolean | null
    /** TLS 1.3: a ticket lets data be sent before the handshake. */
    earlyData?: boolean | null
    stapling?: boolean | null
    alpn?: readonly string[]
    /** Seconds of Strict-Transport-Security; 0 when it is not sent, null when it was not asked. */
    hsts?: number | null
    fallbackGuard?: boolean | null
    extendedMasterSecret?: boolean | null
    encryptThenMac?: boolean | null
    heartbeat?: boolean | null
    /** What a right server must bear and this one does not: `version`, `extension`, `suite` (unknown ones), `long` (a hello over 512 bytes). */
    intolerant?: readonly string[]
    /** Without a server name: `same`, `different` certificate, `required` (no handshake). Null where no name is known. */
    nameless?: 'same' | 'different' | 'required' | null
    /** Attacks that a safe probe showed: `heartbleed` `ccs-injection` `robot` `poodle-tls` `padding-oracle` `ticketbleed` `drown`; and those that were looked for with a sure answer. */
    flaws?: readonly string[]
    tested?: readonly string[]
    /** Certificates beside the first: of another kind of key, or shown where no name is asked for. */
    certificates?: readonly Certificate[]
  }>
  http: Readonly<{
    method: string
    /** Path requested, with query. */
    path: string
    status: number
    /** Names lower-case; repeated headers joined by `, ` except set-cookie, which joins by newline. */
    headers: Readonly<Record<string, string>>
    title: string | null
    /** Decoded body, at most 65,536 characters. */
    body: string
    /** Bytes of the body as received, before the cut. */
    length: number
    /** The server answers any path like this one: what it says of a special path proves nothing. */
    catchAll: boolean
    /** Key of the Ask that made the request; the root page has `GET /`. */
    ask: string
    tls: boolean
    /** It is the icon of the site, known by its bytes: `mmh3` as search engines of the internet count it, as a signed 32-bit integer. */
    icon?: Readonly<{ md5: string; mmh3: number }>
  }>
  package: Readonly<{
    /** As OSV names it, with the release after a colon for a distribution: `Debian:12`, `Red Hat:9`, `npm`. */
    ecosystem: string
    name: string
    version: string
    purl?: string
    /** Source package and its version, where the package system tells them: dpkg and rpm. */
    source?: string
    sourceVersion?: string
    architecture?: string
    /** Id and release of the distribution as /etc/os-release has them: `debian:12`. */
    distro?: string
  }>
  /** A template held at this place. `matcher`: the name of the matcher that did, where it has one. */
  match: Readonly<{ template: string; matcher?: string; extracted: readonly string[] }>
  /** How logging in went, for each record that was to be tried on the host. */
  login: Readonly<{
    record: string
    /** `ssh`, `snmp`, `postgresql`, `mysql`. */
    method: string
    outcome: 'passed' | 'failed' | 'insufficient' | 'not attempted'
    /** What it became: `root`, `user`; of a passed login. */
    rights?: string
    why: string
    /** Of SSH: fingerprint of the host key that the last passed login met. */
    hostKey?: string
  }>
  /** What the host is: from a login (certain), or guessed from banners and its stack. */
  system: Readonly<{
    source: 'login' | 'banner' | 'stack'
    /** `Debian GNU/Linux`, `Windows Server`, `Linux`. */
    name: string
    version?: string
    family?: string
    cpe?: string
    /** The kernel that runs now, as `uname -r` has it, and the machine as `uname -m`. */
    kernel?: string
    architecture?: string
    hardware?: string
    /** 0–100; 100 is read from the host itself. */
    confidence: number
    facts: Facts
  }>
  /** Configuration read after logging in: one observation an area. Names as the host has them. */
  setting: Readonly<{
    /** `sshd`, `sysctl`, `user`, `listener`, `unit`, `database`. */
    area: string
    /** What it is of, where the area has several: a user's name, a socket's address. */
    name?: string
    facts: Facts
  }>
}

export type Kind = keyof Shapes

/**
 * Proof of an observation: what was sent and what came back, as text in which bytes outside printable ASCII stand as
 * `\xNN` and line ends as themselves; each side at most 8,192 characters, cut with `…`.
 */
export type Evidence = Readonly<{ sent: string; received: string; note?: string }>

export type Observation<K extends Kind = Kind> = {
  [P in K]: Readonly<{
    kind: P
    at: Place
    /** When it was seen, Unix ms. */
    seen: number
    /** Id and version of the probe that saw it, as `ssh@1`. */
    by: string
    data: Shapes[P]
    evidence?: Evidence
    /** The bytes themselves, where what was seen may become a finding. */
    proof?: Proof
  }>
}[K]
