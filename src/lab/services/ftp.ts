import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { onLines, type LabService } from '../service.ts'

const listing =
  'drwxrwxrwx    2 0        0            4096 Nov 01 12:00 incoming\r\n' +
  '-rw-r--r--    1 0        0             120 Nov 01 12:00 README\r\n'

/** Anonymous FTP with a listing of its own making; nothing can be fetched or stored. */
export const ftp: LabService = {
  name: 'FTP',
  wrong: 'anonymous login, a world-writable directory, passwords in the clear',
  better: 'turns away everybody who has no TLS',
  expects: [13002, 13003],
  weak: [{ kind: 'tcp', port: 21, talk: serveAnonymous }],
  twin: [{ kind: 'tcp', port: 21, talk: refuse }],
}

function refuse(socket: Socket): void {
  socket.write('220 Practice range FTP\r\n')
  onLines(socket, (line) => {
    if (/^QUIT/i.test(line)) socket.end('221 Goodbye.\r\n')
    else socket.write(/^(USER|PASS)/i.test(line) ? '530 Only by FTPS on another port.\r\n' : '502 Not here.\r\n')
  })
}

function serveAnonymous(socket: Socket): void {
  let user = ''
  let inside = false
  let waiting: Promise<Socket> | null = null
  socket.write('220 (vsFTPd 3.0.3)\r\n')
  onLines(socket, (line) => {
    const [verb = '', argument = ''] = line.split(/ (.*)/s)
    const say = (text: string): void => {
      socket.write(`${text}\r\n`)
    }
    switch (verb.toUpperCase()) {
      case 'USER':
        user = argument.toLowerCase()
        return say('331 Please specify the password.')
      case 'PASS':
        inside = user === 'anonymous' || user === 'ftp'
        return say(inside ? '230 Login successful.' : '530 Login incorrect.')
      case 'FEAT':
        return say('211-Features:\r\n EPSV\r\n PASV\r\n SIZE\r\n UTF8\r\n211 End')
      case 'QUIT':
        socket.end('221 Goodbye.\r\n')
        return
      case 'AUTH':
        return say('530 Please login with USER and PASS.')
    }
    if (!inside) return say('530 Please login with USER and PASS.')
    switch (verb.toUpperCase()) {
      case 'SYST':
        return say('215 UNIX Type: L8')
      case 'TYPE':
        return say('200 Switching mode.')
      case 'PWD':
        return say('257 "/" is the current directory')
      case 'EPSV':
        waiting = openData(socket, (port) => say(`229 Entering Extended Passive Mode (|||${port}|)`))
        return
      case 'PASV':
        waiting = openData(socket, (port) =>
          say(`227 Entering Passive Mode (${socket.localAddress!.replaceAll('.', ',')},${port >> 8},${port & 255}).`),
        )
        return
      case 'LIST':
        if (waiting === null) return say('425 Use PASV first.')
        say('150 Here comes the directory listing.')
        void waiting.then(
          (data) => {
            data.end(listing)
            say('226 Directory send OK.')
          },
          () => say('425 Failed to establish connection.'),
        )
        waiting = null
        return
      default:
        return say('550 Permission denied.')
    }
  })
}

/** One data connection on a port of the system's choice, given up after five seconds or with the control connection. */
function openData(control: Socket, ready: (port: number) => void): Promise<Socket> {
  const server = createServer()
  const stop = (): void => {
    server.close()
  }
  control.once('close', stop)
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      stop()
      reject(new Error('nobody came'))
    }, 5000).unref()
    server.once('connection', (data) => {
      clearTimeout(late)
      stop()
      data.on('error', () => {})
      resolve(data)
    })
    server.on('error', reject)
    server.listen(0, control.localAddress!, () => ready((server.address() as AddressInfo).port))
  })
}
