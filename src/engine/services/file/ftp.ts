import type { Evidence, Facts } from '#core/observation.ts'
import { failed, type Connection, type Failure } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Service, Sighting, Target } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { anonymousLook, type Anonymous } from './ftp-anonymous.ts'
import { distroPart, productOf, type ProductRule } from '../product.ts'
import { joinEvidence, readReply, say, type Reply } from '../wire/reply.ts'

const products: readonly ProductRule[] = [
  { pattern: /\(vsFTPd (\d[\w.]{0,20})\)/i, product: 'vsftpd', cpe: 'vsftpd_project:vsftpd' },
  { pattern: /ProFTPD (?:Server )?\(?v?(\d+\.\d+\.\d+[a-z]?(?:rc\d+)?)?/i, product: 'ProFTPD', cpe: 'proftpd:proftpd' },
  { pattern: /Pure-FTPd/i, product: 'Pure-FTPd', cpe: 'pureftpd:pure-ftpd' },
  { pattern: /FileZilla Server(?: version)?:? ?v?(\d[\w.]{0,20})?/i, product: 'FileZilla Server', cpe: 'filezilla-project:filezilla_server' },
  { pattern: /Microsoft FTP Service(?: \(Version (\d[\d.]{0,12})\))?/i, product: 'Microsoft ftpd', cpe: 'microsoft:ftp_service' },
  { pattern: /Serv-U FTP Server v?(\d[\d.]{0,16})?/i, product: 'Serv-U', cpe: 'solarwinds:serv-u' },
  { pattern: /Wing FTP Server(?: v?(\d[\d.]{0,16}))?/i, product: 'Wing FTP Server', cpe: 'wftpserver:wing_ftp_server' },
  { pattern: /wu-(\d[\d.]{0,12})/i, product: 'wu-ftpd', cpe: 'washington_university:wu-ftpd' },
  { pattern: /pyftpdlib (?:based ftpd|(\d[\d.]{0,12}))/i, product: 'pyftpdlib', cpe: 'pyftpdlib_project:pyftpdlib' },
  { pattern: /bftpd (\d[\d.]{0,12})/i, product: 'bftpd', cpe: 'bftpd_project:bftpd' },
  { pattern: /FTP server \(GNU inetutils (\d[\d.]{0,12})\)/i, product: 'GNU Inetutils', cpe: 'gnu:inetutils' },
  { pattern: /CrushFTP/i, product: 'CrushFTP', cpe: 'crushftp:crushftp' },
]

/** A user that exists nowhere: whether a password would be asked for is all we want to know. */
const stranger = 'vigil-check'

/**
 * FTP (RFC 959, 2389, 4217). Asks FEAT, AUTH TLS where that does not tell, whether a password is taken without TLS (USER alone), and for an anonymous login with a
 * listing of `/`: over one connection as long as the server goes along. Writes nothing. Facts: see FACTS.md.
 * Reproduce: `curl -v ftp://HOST/`.
 */
export const ftp: Service = {
  name: 'ftp',
  ports: [21, 2121],
  tlsPorts: [990],
  // SMTP greets with 220 as well, and says so.
  greets: (greeting) => /^(?:220|120)[ -]/.test(textOf(greeting)) && !/^220[ -][^\n]*SMTP/i.test(textOf(greeting)),
  async look(target) {
    const connection = await target.open()
    const greeting = await readReply(connection)
    if (failed(greeting)) return null
    const banner = greeting.text
    if (greeting.code === 421 && /ftp|connections/i.test(banner)) return { ...named(banner), facts: {}, ...incomplete('closed', `the server turned us away: ${clean(banner, 120)}`, [connection.evidence()]) }
    if (greeting.code !== 220 && greeting.code !== 120) return null
    const features = await say(connection, 'FEAT')
    if (failed(features)) return null
    const evidence: Evidence[] = []
    const upgrade = target.tls || namesTls(features) ? true : await offersTls(connection)
    // Where it agreed, it waits for a handshake; where it gave no answer, nothing may come any more.
    const inHand = target.tls || namesTls(features) || upgrade === false ? connection : await again(target, connection, evidence)
    if (failed(inHand)) return { ...named(banner), facts: {}, ...incomplete(inHand.failed, inHand.text, evidence) }
    const user = await say(inHand, `USER ${stranger}`)
    // SMTP and others answer 500 or 502 to USER; FTP knows it, and refuses with 530 or 421 at most.
    if (!failed(user) && ![230, 232, 331, 332, 530, 532, 421, 550, 534, 431].includes(user.code)) return null
    if (failed(user) && features.code !== 211 && !/ftp/i.test(banner)) return null
    return lookDeeper(target, inHand, { banner, features, upgrade, user, evidence })
  },
}

type Told = Readonly<{ banner: string; features: Reply; upgrade: boolean | Failure; user: Reply | Failure; evidence: Evidence[] }>

async function lookDeeper(target: Target, connection: Connection, { banner, features, upgrade, user, evidence }: Told): Promise<Sighting> {
  const facts: Record<string, Facts[string]> = {}
  if (features.code === 211) facts.features = featuresOf(features)
  const product = named(banner)
  if (product.product === 'ProFTPD') facts.modCopy = await copiesFiles(connection)
  let trouble: Failure | null = failed(user) ? user : null
  if (!target.tls) {
    if (!failed(user)) facts.cleartextLogin = user.code === 331 || user.code === 230 || user.code === 332
    if (typeof upgrade === 'boolean') facts.starttls = upgrade
    else trouble ??= upgrade
  }
  const before = connection.evidence()
  // Who let the stranger in, or hung up, is asked anew.
  const anonymous = await anonymousLook(target, !failed(user) && (user.code === 331 || user.code === 530) ? connection : null)
  if (failed(anonymous)) {
    evidence.push(before)
    trouble ??= anonymous
  } else {
    Object.assign(facts, anonymousFacts(anonymous))
    evidence.push(...(anonymous.fresh ? [before] : []), anonymous.evidence)
  }
  return { ...product, facts, ...(trouble === null ? { evidence: joinEvidence(...evidence) } : incomplete(trouble.failed, trouble.text, evidence)) }
}

function namesTls(features: Reply): boolean {
  return features.code === 211 && featuresOf(features).some((name) => /^AUTH\b.*\bTLS/.test(name))
}

async function again(target: Target, connection: Connection, evidence: Evidence[]): Promise<Connection | Failure> {
  evidence.push(connection.evidence())
  connection.close()
  const fresh = await target.open()
  const greeting = await readReply(fresh)
  return failed(greeting) ? greeting : fresh
}

function anonymousFacts(anonymous: Anonymous): Facts {
  if (anonymous.in !== true) return { anonymous: anonymous.in }
  return {
    anonymous: true,
    ...(anonymous.system === null ? {} : { system: anonymous.system }),
    ...(anonymous.entries === null ? {} : { listing: anonymous.entries.map((entry) => entry.name), anonymousWritable: anonymous.entries.some((entry) => entry.writable) }),
  }
}

/** Before anything of a login, which a server may not interrupt for it. */
async function offersTls(connection: Connection): Promise<boolean | Failure> {
  const answer = await say(connection, 'AUTH TLS')
  return failed(answer) ? answer : answer.code === 234
}

/** mod_copy answers SITE CPFR before login (CVE-2015-3306); its help says whether it is loaded. */
async function copiesFiles(connection: Connection): Promise<boolean | null> {
  const help = await say(connection, 'SITE HELP')
  return failed(help) || help.code !== 214 ? null : /\bCPFR\b/.test(help.text)
}

function featuresOf(reply: Reply): readonly string[] {
  return reply.lines.slice(1, -1).map((line) => clean(line, 120).toUpperCase()).filter((line) => line !== '').slice(0, 100)
}

function named(banner: string): ReturnType<typeof productOf> & { distro?: string } {
  return { ...productOf(banner, products), ...distroPart(banner) }
}

function incomplete(code: string, text: string, evidence: readonly Evidence[]): Pick<Sighting, 'incomplete' | 'evidence'> {
  return { incomplete: { code, text }, ...(evidence.length === 0 ? {} : { evidence: joinEvidence(...evidence) }) }
}
