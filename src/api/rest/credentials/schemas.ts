import { Type, type Static } from 'typebox'
import { Id, line, nullable, oneOf, prose, Time } from '../../schema.ts'

export const LoginKindWord = oneOf(['ssh', 'snmp', 'postgresql', 'mysql'])
const Port = Type.Integer({ minimum: 1, maximum: 65535 })
/** Write-only: given, never answered. Left out in a change it stays as it is; null takes it away. */
const Secret = Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 1000, description: 'Never answered. Left out it stays as it is; null takes it away.' })))
const Hash = oneOf(['MD5', 'SHA', 'SHA-224', 'SHA-256', 'SHA-384', 'SHA-512'])
const Cipher = oneOf(['DES', 'AES', 'AES-256'])
const Elevation = oneOf(['sudo', 'su'])

export const LoginInput = Type.Object({
  kind: LoginKindWord,
  user: Type.Optional(line(100)),
  /** The usual one of its kind when absent. */
  port: Type.Optional(nullable(Port)),
  password: Secret,
  /** PEM, SSH only. */
  privateKey: Type.Optional(nullable(Type.String({ minLength: 1, maxLength: 20_000, description: 'PEM. Never answered. Left out it stays as it is; null takes it away.' }))),
  passphrase: Secret,
  /** How to become root, SSH only. Without a password of its own sudo is given that of the user. */
  elevate: Type.Optional(nullable(Type.Object({ by: Elevation, password: Secret }, { additionalProperties: false }))),
  /** SHA-256 fingerprints as `ssh-keygen -l` shows them; a host that shows another key is sent nothing. */
  hostKeys: Type.Optional(Type.Array(Type.String({ pattern: '^(SHA256:)?[A-Za-z0-9+/]{43}=?$', maxLength: 60 }), { maxItems: 100 })),
  /** SNMP. */
  version: Type.Optional(oneOf(['2c', '3'])),
  community: Secret,
  auth: Type.Optional(nullable(Type.Object({ by: Hash, key: Secret }, { additionalProperties: false }))),
  privacy: Type.Optional(nullable(Type.Object({ by: Cipher, key: Secret }, { additionalProperties: false }))),
  /** PostgreSQL and MySQL. */
  database: Type.Optional(nullable(line(63))),
}, { additionalProperties: false })

const aim = {
  title: line(80),
  enabled: Type.Boolean(),
  networkId: Id,
  /** Addresses, ranges, blocks and host names, as for a scan. */
  targets: prose(20_000),
  assetGroupIds: Type.Array(Id, { maxItems: 200 }),
}

export const NewCredential = Type.Object({
  title: aim.title, enabled: Type.Optional(aim.enabled), networkId: Type.Optional(aim.networkId), targets: Type.Optional(aim.targets), assetGroupIds: Type.Optional(aim.assetGroupIds), login: LoginInput,
}, { additionalProperties: false })
export const ChangeCredential = Type.Object({
  title: Type.Optional(aim.title), enabled: Type.Optional(aim.enabled), networkId: Type.Optional(aim.networkId), targets: Type.Optional(aim.targets), assetGroupIds: Type.Optional(aim.assetGroupIds),
  login: Type.Optional(LoginInput),
}, { additionalProperties: false, minProperties: 1 })

export const Credential = Type.Object({
  id: Id,
  ...aim,
  login: Type.Object({
    kind: LoginKindWord,
    user: nullable(Type.String()),
    port: nullable(Port),
    elevate: nullable(Elevation),
    hostKeys: Type.Array(Type.String()),
    version: nullable(oneOf(['2c', '3'])),
    auth: nullable(Type.String()),
    privacy: nullable(Type.String()),
    database: nullable(Type.String()),
    /** Which secrets it holds; what they are is never answered. */
    secrets: Type.Array(oneOf(['password', 'privateKey', 'passphrase', 'elevatePassword', 'community', 'authKey', 'privacyKey'])),
  }),
  createdBy: Type.String(),
  createdAt: Time,
  changedAt: Time,
})
export const CredentialList = Type.Object({ items: Type.Array(Credential) })

export const LoginOutcome = oneOf(['passed', 'failed', 'insufficient', 'not attempted'])
const result = {
  record: Id,
  /** Null: the record was removed since. */
  title: nullable(Type.String()),
  method: Type.String(),
  outcome: LoginOutcome,
  /** `root` or `user`, of a login that got in. */
  rights: nullable(Type.String()),
  why: Type.String(),
}
export const LoginResult = Type.Object(result)

/** Of a scan: hosts by the best that one of their records came to, and each result. */
export const ScanLogins = Type.Object({
  hosts: Type.Object({ passed: Type.Integer(), insufficient: Type.Integer(), failed: Type.Integer(), notAttempted: Type.Integer() }),
  items: Type.Array(Type.Object({ assetId: Id, address: Type.String(), names: Type.Array(Type.String()), ...result })),
})
/** Of a host: the last result of each record. */
export const AssetLogins = Type.Object({ items: Type.Array(Type.Object({ ...result, scanId: Id, at: Time })) })

export type LoginInput = Static<typeof LoginInput>
export type Credential = Static<typeof Credential>
export type CredentialList = Static<typeof CredentialList>
export type NewCredential = Static<typeof NewCredential>
export type ChangeCredential = Static<typeof ChangeCredential>
export type ScanLogins = Static<typeof ScanLogins>
export type AssetLogins = Static<typeof AssetLogins>
