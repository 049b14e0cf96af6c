/**
 * How a scanner may log in to a host. On the platform it lies sealed to the scanners that are to use it (X25519 + AES-256-GCM): the platform itself
 * cannot open it again. `targets`: addresses it is meant for (IpSet text); it is tried nowhere else.
 */
export type Credential = Readonly<{ record: string; title: string; targets: string }> & Login

export type Login =
  | Readonly<{
      kind: 'ssh'; user: string; port?: number; password?: string
      privateKey?: string; passphrase?: string
      /** How to become root for what only root may read. */
      elevate?: Readonly<{ by: 'sudo' | 'su'; password?: string }>
      /** SHA-256 fingerprints of host keys it is given to; empty: any, which a false host may abuse, so passwords are then never sent to hosts whose key changed. */
      hostKeys?: readonly string[]
    }>
  | Readonly<{ kind: 'snmp'; version: '2c'; community: string }>
  | Readonly<{ kind: 'snmp'; version: '3'; user: string; auth?: Readonly<{ by: 'MD5' | 'SHA' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512'; key: string }>; privacy?: Readonly<{ by: 'DES' | 'AES' | 'AES-256'; key: string }> }>
  | Readonly<{ kind: 'postgresql' | 'mysql'; user: string; password: string; port?: number; database?: string }>

export type LoginKind = Login['kind']

/** As it travels: opened only by the scanner whose key it is sealed to. */
export type SealedCredential = Readonly<{ record: string; kind: LoginKind; title: string; targets: string; sealed: string }>
