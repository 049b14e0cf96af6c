import { randomBytes } from 'node:crypto'
import type { Evidence, Facts } from '#core/observation.ts'
import { failed, type Failure } from '../../net.ts'
import { Unseen } from '../../probe.ts'
import type { Service, Sighting, Target } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { ntlmAnonymous, ntlmNegotiate, readNtlmChallenge, windowsOf, type NtlmChallenge } from '../wire/ntlm.ts'
import { cpeOf, distroPart, productOf } from '../product.ts'
import { joinEvidence } from '../wire/reply.ts'
import { listShares, talk } from './smb-shares.ts'
import {
  dialects,
  readSessionFlags,
  readSmb1Negotiated,
  readSmb1Session,
  readSmb2,
  readSmb2Negotiated,
  smb1Anonymous,
  smb1Negotiate,
  smb2Negotiate,
  smb2SessionSetup,
  smb2TreeConnect,
  smbLength,
  statuses,
  type Smb2Negotiated,
} from './smb-message.ts'

/**
 * SMB 1 to 3.1.1. Offers each dialect alone, so that what is accepted is sure; then opens an anonymous session, IPC$ and the list
 * of
 * shares, and knocks on at most eight of them without opening a file.
 * Facts: `dialects`, `smb1`, `signingEnabled`, `signingRequired`, `smb1SigningRequired`, `encryption`, `ntlm`, `nullSession`,
 * `guest`, `shares`,
 * `openShares` (the anonymous session could connect to), `os`, `domain`, `hostname`, `dnsDomain`, `dnsHostname`.
 * Reproduce: `nmap --script smb-protocols,smb2-security-mode HOST`, `smbclient -N -L //HOST`. Source: [MS-CIFS], [MS-SMB2],
 * [MS-NLMP], [MS-SRVS].
 */
export const smb: Service = {
  name: 'smb',
  ports: [445, 139],
  guess: 88,
  async look(target) {
    const evidence: Evidence[] = []
    const accepted: Smb2Negotiated[] = []
    let incomplete: Sighting['incomplete']
    let answered = false
    for (const [index, [dialect]] of dialects.entries()) {
      // A server of SMB 1 alone, or of something else, has hung up twice by now.
      if (!answered && index >= 2) break
      const answer = await negotiate2(target, dialect)
      if ('failed' in answer) {
        // A server that hangs up on a dialect refuses it. Silence is no answer, and the first of all decides whether this is SMB.
        if (answer.failed !== 'reset' && answer.failed !== 'closed') incomplete = { code: answer.failed, text: answer.text }
      } else {
        answered = true
        if (answer.took !== null) accepted.push(answer.took)
        evidence.push(answer.evidence)
      }
      if (!answered && incomplete !== undefined) break
    }
    // Silence or another tongue is no old server: those hang up on what they do not know.
    if (!answered && incomplete !== undefined) return null
    const old = await smb1(target)
    if ('failed' in old ? !answered : !answered && old.negotiated === null) return null
    if ('failed' in old) incomplete ??= { code: old.failed, text: old.text }
    else if (old.negotiated !== null) evidence.push(old.evidence)
    const one = 'failed' in old ? null : old
    const best = accepted.at(-1)
    const session = best === undefined ? null : await anonymous(target, best.dialect)
    if (session !== null && 'code' in session) incomplete ??= session
    const visitor = session === null || 'code' in session ? null : session
    if (visitor !== null) evidence.push(visitor.evidence)
    const signing = best ?? one?.negotiated ?? null
    const facts: Facts = {
      dialects: [
        ...(one !== null && one.negotiated !== null ? ['SMB1'] : []),
        ...dialects.filter(([code]) => accepted.some((took) => took.dialect === code)).map(([, name]) => name),
      ],
      smb1: one === null ? null : one.negotiated !== null,
      signingEnabled: signing?.signingEnabled ?? null,
      signingRequired: accepted.length > 0 ? accepted.every((took) => took.signingRequired) : (signing?.signingRequired ?? null),
      ...(one?.negotiated ? { smb1SigningRequired: one.negotiated.signingRequired } : {}),
      encryption: accepted.some((took) => took.encryption),
      ...(visitor === null
        ? {}
        : {
            ntlm: visitor.challenge !== null,
            nullSession: visitor.ipc,
            guest: visitor.guest,
            ...(visitor.shares === null ? {} : { shares: visitor.shares, openShares: visitor.openShares }),
          }),
      os: windowsOf(visitor?.challenge ?? null),
      domain: visitor?.challenge?.domain ?? null,
      hostname: visitor?.challenge?.computer ?? null,
      dnsDomain: visitor?.challenge?.dnsDomain ?? null,
      dnsHostname: visitor?.challenge?.dnsComputer ?? null,
    }
    return {
      ...serverOf(one?.software ?? '', visitor?.challenge ?? null),
      facts,
      evidence: joinEvidence(...evidence),
      ...(incomplete === undefined ? {} : { incomplete }),
    }
  },
}

/** `took` is null when the server answered that it does not speak this dialect. */
async function negotiate2(
  target: Target,
  dialect: number,
): Promise<Readonly<{ took: Smb2Negotiated | null; evidence: Evidence }> | Failure> {
  const connection = await opened(target)
  if ('failed' in connection) return connection
  connection.write(smb2Negotiate(dialect, randomBytes(32)))
  const answer = await connection.read({ until: smbLength, most: 65_536 })
  const evidence = connection.evidence()
  connection.close()
  if (failed(answer)) return answer
  if (answer.bytes.length === 0) return { failed: 'closed', text: 'The server hung up' }
  const message = readSmb2(answer.bytes)
  if (message === null) return { failed: 'protocol', text: 'Not an SMB 2 message' }
  const took = readSmb2Negotiated(message)
  return { took: took?.dialect === dialect ? took : null, evidence }
}

/** A port that stopped taking connections in the middle of the look is a failure like any other. */
async function opened(target: Target) {
  try {
    return await target.open()
  } catch (error) {
    if (!(error instanceof Unseen)) throw error
    return { failed: 'timeout', text: error.message } as const satisfies Failure
  }
}

async function smb1(
  target: Target,
): Promise<Readonly<{ negotiated: ReturnType<typeof readSmb1Negotiated>; software: string; evidence: Evidence }> | Failure> {
  const connection = await opened(target)
  if ('failed' in connection) return connection
  connection.write(smb1Negotiate())
  const answer = await connection.read({ until: smbLength, most: 65_536 })
  if (failed(answer) && answer.failed !== 'reset' && answer.failed !== 'closed') return answer
  const negotiated = failed(answer) ? null : readSmb1Negotiated(answer.bytes)
  let software = ''
  if (negotiated !== null) {
    connection.write(smb1Anonymous())
    const session = await connection.read({ until: smbLength, most: 65_536 })
    software = failed(session) ? '' : clean(readSmb1Session(session.bytes)?.software ?? '')
  }
  const evidence = connection.evidence()
  connection.close()
  return { negotiated, software, evidence }
}

type Visitor = Readonly<{
  challenge: NtlmChallenge | null
  ipc: boolean
  guest: boolean
  shares: readonly string[] | null
  openShares: readonly string[]
  evidence: Evidence
}>

async function anonymous(target: Target, dialect: number): Promise<Visitor | NonNullable<Sighting['incomplete']>> {
  const connection = await opened(target)
  if ('failed' in connection) return { code: connection.failed, text: connection.text }
  const cut = { code: 'protocol', text: 'The anonymous session broke off' }
  if ((await talk(connection, smb2Negotiate(dialect, randomBytes(32)))) === null) return cut
  const challenged = await talk(connection, smb2SessionSetup({ message: 1 }, ntlmNegotiate(), true))
  if (challenged === null) return cut
  const challenge = readNtlmChallenge(challenged.body)
  const none = (): Visitor => ({
    challenge,
    ipc: false,
    guest: false,
    shares: null,
    openShares: [],
    evidence: connection.evidence(),
  })
  if (challenged.status !== statuses.moreProcessing) return none()
  const session = challenged.session.slice()
  const answer = await talk(connection, smb2SessionSetup({ message: 2, session }, ntlmAnonymous(), false))
  // Hanging up on nobody is a refusal.
  if (answer === null || answer.status !== statuses.success) return none()
  const guest = readSessionFlags(answer)?.guest ?? false
  const tree = await talk(connection, smb2TreeConnect({ message: 3, session }, `\\\\${target.at.address}\\IPC$`))
  if (tree === null || tree.status !== statuses.success) return { ...none(), guest }
  const listed = await listShares(connection, { session, tree: tree.tree }, 4)
  const openShares: string[] = []
  for (const [index, share] of (listed ?? [])
    .filter(({ disk }) => disk)
    .slice(0, 8)
    .entries()) {
    const door = await talk(
      connection,
      smb2TreeConnect({ message: 8 + index, session }, `\\\\${target.at.address}\\${share.name}`),
    )
    if (door === null) break
    if (door.status === statuses.success) openShares.push(share.name)
  }
  return {
    challenge,
    ipc: true,
    guest,
    shares: listed === null ? null : listed.map(({ name }) => name).slice(0, 32),
    openShares,
    evidence: connection.evidence('An anonymous session was granted'),
  }
}

function serverOf(software: string, challenge: NtlmChallenge | null): Pick<Sighting, 'product' | 'version' | 'cpe' | 'distro'> {
  const named = productOf(software, [{ pattern: /^Samba (\d+\.\d+\.\d+)/, product: 'Samba', cpe: 'samba:samba' }])
  if (named.product !== undefined) return { ...named, ...distroPart(software) }
  // Samba says Windows 6.1 build 0; Windows always tells its build.
  if (challenge?.os === '6.1.0') return { product: 'Samba', cpe: cpeOf('samba:samba') }
  return windowsOf(challenge) === null ? {} : { product: 'Windows' }
}
