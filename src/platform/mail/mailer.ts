import { createTransport } from 'nodemailer'

export type Mail = Readonly<{
  to: string
  subject: string
  text: string
  html: string
  /** Of this message for ever: a mail program shows one that came twice once. */
  id: string
  /** Where it can be turned off. */
  unsubscribe: string
}>

/** `gone`: no later try will do better, as the server said. */
export type Sent = 'sent' | Readonly<{ failure: string; gone: boolean }>

/** Hands messages to the operator's mail server, one at a time. */
export type Mailer = Readonly<{ send(mail: Mail): Promise<Sent>; close(): void }>

const limits = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000 } as const

/**
 * `url`: `smtps://user:password@host` (465, TLS from the first byte) or `smtp://…` (587, STARTTLS, which must be granted unless the server is on this machine). `from`: the
 * sender, `name@example.org` or `Vigil <name@example.org>`. Throws on a URL that is none of these, in words for the operator.
 */
export function openMailer(url: string, from: string): Mailer {
  const { protocol, hostname, port, username, password } = parsed(url)
  if (!/^[^<>\r\n]*<?[^\s<>@]+@[^\s<>@]+>?$/.test(from)) throw new Error(`VIGIL_MAIL_FROM is "${from}", which is no address.`)
  const secure = protocol === 'smtps:'
  const isOwn = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
  const transport = createTransport({
    host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? (secure ? 465 : 587) : Number(port), secure, requireTLS: !secure && !isOwn, ignoreTLS: isOwn && !secure,
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    ...limits, disableFileAccess: true, disableUrlAccess: true,
  })
  return {
    async send({ to, subject, text, html, id, unsubscribe }) {
      try {
        await transport.sendMail({ from, to: { name: '', address: to }, subject, text, html, messageId: `<${id}>`, list: { unsubscribe }, headers: { 'Auto-Submitted': 'auto-generated' } })
        return 'sent'
      } catch (error) {
        const { message, responseCode = 0 } = error as Error & { responseCode?: number }
        return { failure: message.replace(/\s+/g, ' ').slice(0, 300), gone: responseCode >= 550 && responseCode <= 553 }
      }
    },
    close: () => transport.close(),
  }
}

function parsed(url: string): URL {
  let found: URL
  try {
    found = new URL(url)
  } catch {
    // What stands there may hold a password.
    throw new Error('VIGIL_SMTP_URL is no URL. It is written as smtps://user:password@host or smtp://user:password@host:587.')
  }
  if (found.protocol !== 'smtp:' && found.protocol !== 'smtps:') throw new Error(`VIGIL_SMTP_URL begins with ${found.protocol}// instead of smtp:// or smtps://.`)
  if (found.hostname === '') throw new Error('VIGIL_SMTP_URL names no host.')
  return found
}
