import type { Facts } from '#core/observation.ts'
import { failed, type Connection, type Failure } from '../../net.ts'
import { textOf } from '../../net/transcript.ts'
import type { Service, Sighting } from '../../service.ts'
import { clean } from '../wire/byte-reader.ts'
import { distroPart, productOf, type ProductRule } from '../product.ts'
import { readReply, say, type Reply } from '../wire/reply.ts'

const products: readonly ProductRule[] = [
  { pattern: /Exim (\d\.[\d.]{1,10}(?:_RC\d)?)/, product: 'Exim', cpe: 'exim:exim' },
  { pattern: /ESMTP Postfix(?: \((\d[\d.]{0,10})\))?/i, product: 'Postfix', cpe: 'postfix:postfix' },
  { pattern: /ESMTP OpenSMTPD/i, product: 'OpenSMTPD', cpe: 'openbsd:opensmtpd' },
  { pattern: /Sendmail (\d[\w.]{0,12})/i, product: 'Sendmail', cpe: 'sendmail:sendmail' },
  { pattern: /ESMTP Sendmail/i, product: 'Sendmail', cpe: 'sendmail:sendmail' },
  { pattern: /Microsoft ESMTP MAIL Service(?:, Version: (\d[\d.]{0,20}))?/i, product: 'Microsoft Exchange' },
  { pattern: /ESMTP Haraka(?:\/| )?(\d[\d.]{0,12})?/i, product: 'Haraka', cpe: 'haraka_project:haraka' },
  { pattern: /MailEnable/i, product: 'MailEnable' },
  { pattern: /MDaemon (\d[\d.]{0,12})/i, product: 'MDaemon', cpe: 'altn:mdaemon' },
  { pattern: /hMailServer/i, product: 'hMailServer' },
  { pattern: /Zimbra/i, product: 'Zimbra', cpe: 'zimbra:collaboration' },
  { pattern: /Dovecot/i, product: 'Dovecot submission', cpe: 'dovecot:dovecot' },
  { pattern: /Python SMTP (?:proxy version )?(\d[\w.]{0,12})/i, product: 'aiosmtpd' },
  { pattern: /Mailpit/i, product: 'Mailpit' },
  { pattern: /qmail/i, product: 'qmail' },
]

/**
 * SMTP (RFC 5321). Says EHLO, asks VRFY, EXPN, and whether a stranger may relay: MAIL FROM and RCPT TO between names that RFC 2606
 * reserves, then RSET; DATA is never sent, so no mail can leave. Facts: see FACTS.md.
 * Reproduce: `swaks --server HOST --from probe@example.net --to probe@example.com --quit-after RCPT`.
 */
export const smtp: Service = {
  name: 'smtp',
  ports: [25, 587, 2525],
  tlsPorts: [465],
  greets: (greeting) => /^(?:220|554|421)[ -]/.test(textOf(greeting)),
  async look({ open, tls }) {
    const connection = await open()
    const greeting = await readReply(connection)
    if (failed(greeting)) return null
    const base = { ...productOf(greeting.text, products), ...distroPart(greeting.text) }
    if (greeting.code !== 220) {
      if (!/SMTP|mail/i.test(greeting.text)) return null
      return { ...base, facts: {}, evidence: connection.evidence(), incomplete: { code: 'closed', text: `the server turned us away: ${clean(greeting.text, 120)}` } }
    }
    const hello = await greet(connection)
    if (hello === null) return null
    const facts: Record<string, Facts[string]> = { hostname: clean(/^\S+/.exec(greeting.text)?.[0] ?? '', 120), ...extensionFacts(hello, tls) }
    const trouble = await interview(connection, tls, facts)
    connection.write('QUIT\r\n')
    const sighting: Sighting = { ...base, facts, evidence: connection.evidence() }
    return trouble === null ? sighting : { ...sighting, incomplete: { code: trouble.failed, text: trouble.text } }
  },
}

/** Null when the peer does not talk as an SMTP server does. */
async function greet(connection: Connection): Promise<Reply | null> {
  const hello = await say(connection, 'EHLO scanner.example.net')
  if (failed(hello)) return null
  if (hello.code === 250) return hello
  if (hello.code < 500) return null
  const old = await say(connection, 'HELO scanner.example.net')
  return failed(old) || old.code !== 250 ? null : old
}

export function extensionFacts(hello: Reply, tls: boolean): Facts {
  const lines = hello.lines.slice(1, 101).map((line) => clean(line, 200))
  const extensions = [...new Set(lines.map((line) => /^[A-Za-z0-9][A-Za-z0-9-]{0,40}/.exec(line)?.[0]?.toUpperCase()).filter((word) => word !== undefined))]
  // `AUTH=PLAIN` is how servers spoke to Outlook Express.
  const mechanisms = [...new Set(lines.filter((line) => /^AUTH[ =]/i.test(line)).flatMap((line) => line.slice(5).toUpperCase().split(/[ =]+/)).filter((word) => word !== ''))]
  const size = /^SIZE (\d{1,12})$/im.exec(lines.join('\n'))?.[1]
  return {
    extensions,
    ...(size === undefined ? {} : { size: Number(size) }),
    ...(tls ? {} : {
      starttls: extensions.includes('STARTTLS'),
      authMechanisms: mechanisms.slice(0, 20),
      cleartextLogin: mechanisms.includes('PLAIN') || mechanisms.includes('LOGIN'),
    }),
  }
}

/** Asks what a stranger may know and do; fills `facts`. Gives the failure that cut it short. */
async function interview(connection: Connection, tls: boolean, facts: Record<string, Facts[string]>): Promise<Failure | null> {
  let relay = await askRelay(connection)
  if (failed(relay)) return relay
  // Told to start TLS first: the same question inside it.
  if (relay.refusedAt === 'mail' && !tls && facts.starttls === true && /STARTTLS|TLS/i.test(relay.answer)) {
    const ready = await say(connection, 'STARTTLS')
    if (failed(ready)) return ready
    if (ready.code !== 220) return { failed: 'protocol', text: 'STARTTLS is offered and refused' }
    const upgraded = await connection.upgrade({})
    if (upgraded !== true) return upgraded
    if (await greet(connection) === null) return { failed: 'protocol', text: 'no answer to EHLO inside TLS' }
    relay = await askRelay(connection)
    if (failed(relay)) return relay
  }
  if (relay.refusedAt === 'mail') facts.auth = /\b5\.7\.0\b.*(?:authentic|log)|authenticat/i.test(relay.answer) || relay.code === 530 ? true : null
  else facts.auth = false
  facts.openRelay = relay.open
  facts.relayAnswer = relay.answer
  return askNames(connection, facts)
}

type Relay = Readonly<{ open: boolean | null; refusedAt: 'mail' | 'rcpt' | null; code: number; answer: string }>

async function askRelay(connection: Connection): Promise<Relay | Failure> {
  const from = await say(connection, 'MAIL FROM:<probe@example.net>')
  if (failed(from)) return from
  if (from.code !== 250) return { open: from.code >= 500 ? false : null, refusedAt: 'mail', code: from.code, answer: answerOf(from) }
  const to = await say(connection, 'RCPT TO:<probe@example.com>')
  if (failed(to)) return to
  const reset = await say(connection, 'RSET')
  if (failed(reset)) return reset
  const open = to.code === 250 || to.code === 251
  // 4xx is greylisting or a lookup that failed: it says neither yes nor no.
  return { open: open ? true : to.code >= 500 ? false : null, refusedAt: open ? null : 'rcpt', code: to.code, answer: answerOf(to) }
}

async function askNames(connection: Connection, facts: Record<string, Facts[string]>): Promise<Failure | null> {
  const known = await say(connection, 'VRFY postmaster')
  if (failed(known)) return known
  const accepted = known.code >= 250 && known.code <= 252
  facts.vrfyAccepted = accepted
  facts.vrfy = false
  if (accepted) {
    const missing = await say(connection, 'VRFY vigil-no-such-user-7351')
    if (failed(missing)) return missing
    facts.vrfy = [550, 551, 553].includes(missing.code)
  }
  const list = await say(connection, 'EXPN postmaster')
  if (failed(list)) return list
  facts.expn = list.code === 250
  return null
}

function answerOf(reply: Reply): string {
  return clean(`${reply.code} ${reply.text}`, 200)
}
