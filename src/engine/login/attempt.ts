import type { Credential, LoginKind } from '#core/credential.ts'
import type { Observation, Shapes } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import { usualPort } from '#core/credential.ts'
import type { Sight, Tools } from '../probe.ts'

/** Logins of one kind that are to be tried at this port: those of the record's own port, or of the usual one. */
export function credentialsFor<K extends LoginKind>(tools: Tools, kind: K, port: number): readonly (Credential & { kind: K })[] {
  return tools.credentials.filter((one): one is Credential & { kind: K } => one.kind === kind && (one.port ?? usualPort[kind]) === port)
}

type Outcome = Omit<Shapes['login'], 'record' | 'method'>

/** How it went, to be told of this record at this place. */
export function attemptOf(credential: Credential, at: Place, outcome: Outcome): Sight {
  return { kind: 'login', as: 'login', at, data: { record: credential.record, method: credential.kind, ...outcome, why: redact(outcome.why, credential) } }
}

/** A host may say back what it was given: whatever secrets the record has are taken out of its words. */
export function redact(text: string, credential: Credential): string {
  let shown = text
  for (const secret of secretsOf(credential)) if (secret.length >= 3) shown = shown.replaceAll(secret, '•••')
  return shown.slice(0, 800)
}

export function secretsOf(credential: Credential): readonly string[] {
  switch (credential.kind) {
    case 'ssh':
      return [credential.password, credential.passphrase, credential.elevate?.password, credential.privateKey].filter((one) => one !== undefined)
    case 'snmp':
      return credential.version === '2c' ? [credential.community] : [credential.auth?.key, credential.privacy?.key].filter((one) => one !== undefined)
    case 'postgresql':
    case 'mysql':
      return [credential.password]
    default:
      return credential satisfies never
  }
}

/** Records of this host that no look came to try: told too, so that nobody takes silence for a login. */
export function untriedLogins(tools: Tools, place: Pick<Place, 'asset' | 'address'>, told: ReadonlySet<string>): readonly Omit<Observation<'login'>, 'by' | 'seen'>[] {
  const names: Readonly<Record<LoginKind, string>> = { ssh: 'SSH', snmp: 'SNMP', postgresql: 'PostgreSQL', mysql: 'MySQL or MariaDB' }
  return tools.credentials.filter((one) => !told.has(one.record)).map((one) => ({
    kind: 'login' as const, at: { asset: place.asset, address: place.address },
    data: { record: one.record, method: one.kind, outcome: 'not attempted' as const, why: `no ${names[one.kind]} was seen at port ${one.port ?? usualPort[one.kind]}` },
  }))
}
