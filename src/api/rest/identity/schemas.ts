import { Type, type Static } from 'typebox'
import { actions, roles } from '#platform/access/role.ts'
import { Email, Id, line, nullable, oneOf, Time } from '../../schema.ts'

export const RoleName = oneOf(roles)
export type RoleName = Static<typeof RoleName>
export const ActionName = oneOf(Object.keys(actions) as (keyof typeof actions)[])

const strict = { additionalProperties: false } as const
/** Longer than any allowed: too long is told by the policy, in its own words. */
export const Password = Type.String({ minLength: 1, maxLength: 1000 })
export const LinkToken = Type.String({ minLength: 20, maxLength: 100, pattern: '^[A-Za-z0-9_-]+$' })
const Code = Type.String({ minLength: 4, maxLength: 60 })

export const ServerState = Type.Object({
  version: Type.String({ maxLength: 40 }),
  /** No account yet: the one-time link of the terminal makes the first. */
  firstRun: Type.Boolean(),
  leastPassword: Type.Integer(),
})
export type ServerState = Static<typeof ServerState>

export const SignIn = Type.Object({ email: Type.String({ minLength: 1, maxLength: 254 }), password: Password, remember: Type.Optional(Type.Boolean({ default: true })) }, strict)
export const SignInResult = Type.Object({ status: oneOf(['signed_in', 'second_factor']) })
export type SignInResult = Static<typeof SignInResult>
export const SecondFactorCode = Type.Object({ kind: oneOf(['totp', 'backup']), code: Code }, strict)

/** What `navigator.credentials` takes and gives, in the JSON form of WebAuthn Level 3; checked by the passkey library. */
export const PasskeyOptions = Type.Object({}, { additionalProperties: true, description: 'PublicKeyCredential…OptionsJSON' })
export const PasskeyResponse = Type.Object({ id: Type.String({ maxLength: 2048 }) }, { additionalProperties: true, description: 'PublicKeyCredential.toJSON()' })
export const PasskeySignIn = Type.Object({ response: PasskeyResponse }, strict)
export const NewPasskey = Type.Object({ name: line(60), response: PasskeyResponse }, strict)
export const Passkey = Type.Object({ id: Id, name: Type.String({ maxLength: 60 }), backedUp: Type.Boolean(), createdAt: Time })
export type Passkey = Static<typeof Passkey>

export const Person = Type.Object({
  id: Id, name: Type.String({ maxLength: 120 }), email: Type.String({ maxLength: 254 }), secondFactor: Type.Boolean(), recoveryCodes: Type.Integer(),
})
const Membership = Type.Object({ id: Id, name: Type.String({ maxLength: 120 }), role: RoleName })
export const Session = Type.Object({
  person: Person,
  /** Where the person is now; null when they belong to no active organisation. */
  organisation: nullable(Membership),
  /** What the role allows; the console hides the rest. */
  actions: Type.Array(ActionName),
  /** Null: the whole organisation. */
  scope: nullable(Type.Object({ groups: Type.Array(Id), units: Type.Array(Id) })),
  organisations: Type.Array(Membership),
})
export type Session = Static<typeof Session>

export const OpenSession = Type.Object({
  id: Id, current: Type.Boolean(), ip: nullable(Type.String({ maxLength: 60 })), userAgent: nullable(Type.String({ maxLength: 300 })),
  startedAt: Time, seenAt: Time, endsAt: Time,
})
export type OpenSession = Static<typeof OpenSession>

export const Switch = Type.Object({ organisation: Id }, strict)
export const Profile = Type.Object({ name: line(120) }, strict)
export const PasswordChange = Type.Object({ current: Password, password: Password }, strict)
export const PasswordOnly = Type.Object({ password: Password }, strict)
export const SecondFactorOffer = Type.Object({ uri: Type.String({ maxLength: 500 }), backupCodes: Type.Array(Type.String({ maxLength: 40 })) })
export const TotpCode = Type.Object({ code: Code }, strict)
export const Codes = Type.Object({ codes: Type.Array(Type.String({ maxLength: 40 })) })

export const LinkCheck = Type.Object({ token: LinkToken }, strict)
export const LinkFacts = Type.Object({
  purpose: oneOf(['first_run', 'invitation', 'reset']),
  email: nullable(Type.String({ maxLength: 254 })), organisation: nullable(Type.String({ maxLength: 120 })), hasAccount: Type.Boolean(),
})
export type LinkFacts = Static<typeof LinkFacts>
export const Welcome = Type.Object({ token: LinkToken, organisation: line(120), name: line(120), email: Email, password: Password }, strict)
export const Join = Type.Object({ token: LinkToken, name: line(120), password: Password }, strict)
export const Joined = Type.Object({ recoveryCodes: Type.Array(Type.String({ maxLength: 40 })) })
export const Reset = Type.Object({ token: LinkToken, password: Password }, strict)
export const Recover = Type.Object({ email: Type.String({ minLength: 1, maxLength: 254 }), code: Code, password: Password }, strict)
