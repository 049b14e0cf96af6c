import type { Socket } from 'node:net'
import type { SecureContextOptions } from 'node:tls'
import { onBytes, type LabService } from '../service.ts'

/** MQTT 3.1.1 as far as CONNECT, SUBSCRIBE and PING; no message is passed on. */
export function mqtt(context: SecureContextOptions): LabService {
  return {
    name: 'MQTT',
    wrong: 'takes clients without a login',
    better: 'TLS only, and a login',
    expects: [41011, 60412],
    weak: [{ kind: 'tcp', port: 1883, talk: (socket) => serve(socket, true) }],
    twin: [{ kind: 'tls', port: 8883, context, talk: (socket) => serve(socket, false) }],
  }
}

function serve(socket: Socket, open: boolean): void {
  onBytes(socket, (bytes) => {
    if (bytes.length < 2) return 0
    const [first, size] = [bytes[0]!, bytes[1]!]
    if (size > 127) {
      socket.destroy()
      return bytes.length
    }
    if (bytes.length < size + 2) return 0
    const kind = first >> 4
    if (kind === 1) {
      // 5: not authorised. A client of another protocol level is told so (1) and may come again with 3.1.1.
      const level = bytes[2 + 2 + bytes.readUInt16BE(2)]
      if (level !== 4) socket.end(Buffer.of(0x20, 2, 0, 1))
      else if (open) socket.write(Buffer.of(0x20, 2, 0, 0))
      else socket.end(Buffer.of(0x20, 2, 0, 5))
    } else if (kind === 8) {
      socket.write(Buffer.from([0x90, 3, bytes[2]!, bytes[3]!, 0]))
      socket.write(publish('$SYS/broker/version', 'mosquitto version 2.0.11'))
      socket.write(publish('$SYS/broker/uptime', '86400 seconds'))
    } else if (kind === 12) socket.write(Buffer.of(0xd0, 0))
    else socket.end()
    return size + 2
  })
}

function publish(topic: string, text: string): Buffer {
  const body = Buffer.concat([Buffer.of(0, topic.length), Buffer.from(topic), Buffer.from(text)])
  return Buffer.concat([Buffer.of(0x31, body.length), body])
}
