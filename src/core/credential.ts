/**
 * How a scanner may log in to a host. The platform keeps it sealed under the key of the organisation, and seals it anew to the scanner that leases hosts it is meant for
 * (docs/decisions/043-credentials.md). `targets`: addresses it is meant for (IpSet text); it is tried nowhere else.
 */
export type Credential = Readonly<{ record: string; title: string; targets: string }> & Login & KnownHosts

/** Host keys that passed logins met before, by address: a password is not given to a host that shows another one. */
type KnownHosts = Readonly<{ known?: Readonly<Record<string, string>> }>

export type Login =
  | Readonly<{
      kind: 'ssh'; user: string; port?: number; password?: string
      privateKey?: string; passphrase?: string
      /** How to become root for what only root may read. */
      elevate?: Readonly<{ by: 'sudo' | 'su'; password?: string }>
      /** SHA-256 fingerprints of host keys it is given to; empty: any, which a false host may abuse, so nothing is then ever sent to hosts whose key changed. */
      hostKeys?: readonly string[]
    }>
  | Readonly<{ kind: 'snmp'; version: '2c'; community: string; port?: number }>
  | Readonly<{
      kind: 'snmp'; version: '3'; user: string; port?: number
      auth?: Readonly<{ by: 'MD5' | 'SHA' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512'; key: string }>
      privacy?: Readonly<{ by: 'DES' | 'AES' | 'AES-256'; key: string }>
    }>
  | Readonly<{ kind: 'postgresql' | 'mysql'; user: string; password: string; port?: number; database?: string }>

export type LoginKind = Login['kind']

/** As it travels: opened only by the scanner whose key it is sealed to. */
export type SealedCredential = Readonly<{ record: string; kind: LoginKind; title: string; targets: string; sealed: string }> & KnownHosts

/** Where a login of this kind is tried when its record names no port. */
export const usualPort: Readonly<Record<LoginKind, number>> = { ssh: 22, snmp: 161, postgresql: 5432, mysql: 3306 }
