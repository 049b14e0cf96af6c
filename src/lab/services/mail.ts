import type { Socket } from 'node:net'
import { TLSSocket, createSecureContext, type SecureContextOptions } from 'node:tls'
import { onLines, type LabService } from '../service.ts'

/** SMTP that says yes to everything and delivers nothing, beside one that keeps itself to TLS and its own domain. */
export function mail(context: SecureContextOptions): LabService {
  return {
    name: 'SMTP',
    wrong: 'relays for anybody (delivers nothing), login in the clear, tells users, no TLS',
    better: 'STARTTLS, no relaying, no VRFY',
    expects: [14001, 14002, 14003, 14004, 60201],
    weak: [{ kind: 'tcp', port: 25, talk: relay }],
    twin: [{ kind: 'tcp', port: 25, talk: (socket) => guarded(socket, context) }],
  }
}

function relay(socket: Socket): void {
  socket.write('220 mail.lab.example ESMTP Exim 4.89 Sun, 01 Nov 2026 12:00:00 +0000\r\n')
  onLines(socket, (line) => {
    const say = (text: string): void => {
      socket.write(`${text}\r\n`)
    }
    if (/^EHLO/i.test(line))
      say('250-mail.lab.example Hello\r\n250-SIZE 52428800\r\n250-PIPELINING\r\n250-AUTH PLAIN LOGIN\r\n250 HELP')
    else if (/^(HELO|MAIL|RCPT|RSET|NOOP)/i.test(line)) say('250 OK')
    else if (/^VRFY (postmaster|root)/i.test(line)) say('250 Administrator <postmaster@lab.example>')
    else if (/^VRFY/i.test(line)) say('550 No such user')
    else if (/^DATA/i.test(line)) say('451 This is a practice range: nothing is delivered')
    else if (/^QUIT/i.test(line)) socket.end('221 closing connection\r\n')
    else say('500 unrecognized command')
  })
}

function guarded(plain: Socket, context: SecureContextOptions): void {
  plain.write('220 mail.lab.example ESMTP\r\n')
  converse(plain, false)

  function converse(socket: Socket, secret: boolean): void {
    onLines(socket, (line) => {
      const say = (text: string): void => {
        socket.write(`${text}\r\n`)
      }
      if (/^EHLO/i.test(line))
        say(secret ? '250-mail.lab.example\r\n250 AUTH PLAIN' : '250-mail.lab.example\r\n250-PIPELINING\r\n250 STARTTLS')
      else if (/^STARTTLS/i.test(line) && !secret) {
        socket.removeAllListeners('data')
        say('220 Ready to start TLS')
        const upgraded = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(context) })
        upgraded.on('error', () => socket.destroy())
        converse(upgraded, true)
      } else if (/^(HELO|MAIL|RSET|NOOP)/i.test(line)) say('250 OK')
      else if (/^RCPT/i.test(line)) say(/@lab\.example>/i.test(line) ? '250 OK' : '554 5.7.1 Relay access denied')
      else if (/^VRFY/i.test(line)) say('252 Send some mail and see')
      else if (/^QUIT/i.test(line)) socket.end('221 Bye\r\n')
      else say('502 Not implemented')
    })
  }
}
