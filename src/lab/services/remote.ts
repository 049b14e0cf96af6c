import type { Socket } from 'node:net'
import { onBytes, onLines, type LabService } from '../service.ts'

/** Telnet with a login prompt that lets nobody in. Its twin is silence: there is no safe telnet. */
export const telnet: LabService = {
  name: 'Telnet',
  wrong: 'asks for passwords without encryption',
  better: 'switched off',
  expects: [10031],
  weak: [{
    kind: 'tcp',
    port: 23,
    talk(socket) {
      // DO terminal type, WILL echo, WILL suppress go-ahead.
      socket.write(Buffer.from([255, 253, 24, 255, 251, 1, 255, 251, 3]))
      socket.write('Debian GNU/Linux 8\r\nhost login: ')
      onLines(socket, () => socket.write('\r\nLogin incorrect\r\nhost login: '))
    },
  }],
  twin: [],
}

/** The opening of VNC (RFC 6143 7.1); no picture is ever sent. */
export const vnc: LabService = {
  name: 'VNC',
  wrong: 'no password',
  better: 'VeNCrypt with certificates',
  expects: [10001],
  weak: [{ kind: 'tcp', port: 5900, talk: (socket) => greet(socket, 1) }],
  twin: [{ kind: 'tcp', port: 5900, talk: (socket) => greet(socket, 19) }],
}

function greet(socket: Socket, type: 1 | 19): void {
  let step = 0
  socket.write('RFB 003.008\n')
  onBytes(socket, (bytes) => {
    if (step === 0) {
      if (bytes.length < 12) return 0
      step = 1
      socket.write(Buffer.of(1, type))
      return 12
    }
    step += 1
    if (step === 2) {
      // None: "security result: OK". VeNCrypt: its version, 0.2.
      socket.write(type === 1 ? Buffer.of(0, 0, 0, 0) : Buffer.of(0, 2))
      return 1
    }
    if (step > 3 || type === 1) {
      socket.end()
      return bytes.length
    }
    if (bytes.length < 2) {
      step -= 1
      return 0
    }
    // The version is fine; one subtype: X509Vnc (261).
    socket.write(Buffer.of(0, 1, 0, 0, 1, 5))
    return 2
  })
}

/** The rsync daemon's greeting and list (protocol 31); no file is ever sent. */
export const rsync: LabService = {
  name: 'rsync',
  wrong: 'a backup module open to anybody',
  better: 'the module asks for a login',
  expects: [13021],
  weak: [{ kind: 'tcp', port: 873, talk: (socket) => serveModules(socket, '@RSYNCD: OK') }],
  twin: [{ kind: 'tcp', port: 873, talk: (socket) => serveModules(socket, '@RSYNCD: AUTHREQD 2hOx4Yb1pL8sJ0yQfE5fXA') }],
}

function serveModules(socket: Socket, welcome: string): void {
  socket.write('@RSYNCD: 31.0 sha512 sha256 sha1 md5 md4\n')
  onLines(socket, (line) => {
    if (line.startsWith('@RSYNCD:')) return
    if (line === '' || line === '#list') socket.end('backup         \tNightly backups\n@RSYNCD: EXIT\n')
    else if (line === 'backup') socket.write(`${welcome}\n`)
    else socket.end(`@ERROR: Unknown module '${line.slice(0, 40).replace(/[^\w-]/g, '?')}'\n`)
  })
}
