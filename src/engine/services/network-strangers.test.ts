import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { test, type TestContext } from 'node:test'
import { Unseen } from '../probe.ts'
import type { Service, UdpService } from '../service.ts'
import { askUdp, loopbackProfile, lookAt } from '../testing.ts'
import { amqp } from './message/amqp.ts'
import { dns, dnsUdp } from './name/dns.ts'
import { ldap } from './directory/ldap.ts'
import { mqtt } from './message/mqtt.ts'
import { ntp } from './management/ntp.ts'
import { rdp } from './desktop/rdp.ts'
import { rsync } from './file/rsync.ts'
import { smb } from './file/smb.ts'
import { snmp } from './management/snmp.ts'
import { socks } from './web/socks.ts'
import { endless, replayer, serve, speaker } from './testing-server.ts'
import { tftp } from './file/tftp.ts'
import { vnc } from './desktop/vnc.ts'
import { x11 } from './desktop/x11.ts'

const services: readonly Service[] = [amqp, dns, ldap, mqtt, rdp, rsync, smb, socks, vnc, x11]
const udpServices: readonly UdpService[] = [dnsUdp, ntp, snmp, tftp]
const hurried = { ...loopbackProfile, limits: { ...loopbackProfile.limits, answer: 250 } }

const http = 'HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
const noise = Uint8Array.from({ length: 600 }, (_, index) => (index * 7919 + 13) & 255)
const strangers = {
  'an SSH server': speaker('SSH-2.0-OpenSSH_9.2p1\r\n', [], 'Invalid SSH identification string.\r\n'),
  'a mail server': speaker('220 mail ESMTP\r\n', [], '500 unknown\r\n'),
  'a web server': replayer('', [http]),
  'a server that hangs up': replayer('', []),
  'a silent server': () => {},
  'an echo': (socket: Parameters<ReturnType<typeof speaker>>[0]) => {
    socket.pipe(socket)
  },
  zeros: replayer('', Array.from({ length: 8 }, () => new Uint8Array(64))),
  noise: replayer('', Array.from({ length: 8 }, () => noise)),
  'an endless talker': endless('', 'A'.repeat(4096)),
  'endless zeros': endless('', new Uint8Array(4096)),
  'a Redis server': speaker('', [], '-ERR unknown command\r\n'),
  'a TLS server': replayer('', [Uint8Array.of(0x15, 3, 1, 0, 2, 2, 70)]),
}

for (const service of services) {
  test(`${service.name}: no stranger is mistaken for it`, async (t) => {
    await Promise.all(
      Object.entries(strangers).map(async ([name, talk]) => {
        const port = await serve(t, talk)
        const sighting = await lookAt(service, port, { profile: hurried }).catch((error: unknown) => {
          if (error instanceof Unseen) return null
          throw error
        })
        assert.equal(sighting, null, `${name} passed for ${service.name}: ${JSON.stringify(sighting)}`)
      }),
    )
  })
}

/** A UDP server on loopback that answers each datagram by `answer`. */
async function serveUdp(t: TestContext, answer: (datagram: Buffer) => readonly Uint8Array[]): Promise<number> {
  const socket: Socket = createSocket('udp4')
  socket.on('message', (datagram, from) => {
    for (const bytes of answer(datagram)) socket.send(bytes, from.port, from.address)
  })
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve)
  })
  t.after(
    () =>
      new Promise<void>((resolve) => {
        socket.close(resolve)
      }),
  )
  return socket.address().port
}

for (const service of udpServices) {
  test(`${service.name} over UDP: no stranger is mistaken for it, and silence is no answer`, async (t) => {
    for (const answer of [noise, new Uint8Array(12), new Uint8Array(0), Buffer.from(http)]) {
      assert.equal(await askUdp(service, await serveUdp(t, () => [answer]), { profile: hurried }), null)
    }
    // An echo is the one answer that has the right id.
    assert.equal(await askUdp(service, await serveUdp(t, (datagram) => [datagram]), { profile: hurried }), null)
    await assert.rejects(askUdp(service, await serveUdp(t, () => []), { profile: hurried }), { name: 'Unseen', code: 'silent' })
  })
}

test('a clock that gives its list of clients away to anybody', async (t) => {
  const port = await serveUdp(t, (datagram) => {
    const mode = datagram[0]! & 7
    const time = Uint8Array.from({ length: 48 }, (_, index) => (index === 0 ? 0x24 : index === 1 ? 2 : 0))
    const part = (more: boolean): Uint8Array =>
      Buffer.concat([Uint8Array.of(more ? 0xd7 : 0x97, 0, 3, 42, 0, 6, 0, 72), new Uint8Array(432)])
    return mode === 3 ? [time] : mode === 7 ? [part(true), part(true), part(false)] : []
  })
  const sighting = await askUdp(ntp, port)
  assert.deepEqual(
    [sighting?.facts?.monlist, sighting?.facts?.monlistBytes, sighting?.facts?.readvar, sighting?.facts?.amplification],
    [true, 1320, false, 6.9],
  )
})

test('a TFTP server that gives data for any name', async (t) => {
  const sighting = await askUdp(tftp, await serveUdp(t, () => [Uint8Array.of(0, 3, 0, 1, 65)]))
  assert.deepEqual([sighting?.facts?.readable, sighting?.facts?.errorCode], [true, null])
})

test('a name server that answers one question and then falls silent leaves the look incomplete', async (t) => {
  const port = await serveUdp(t, (datagram) =>
    datagram.includes('version') ? [Uint8Array.from(datagram, (byte, index) => (index === 2 ? 0x84 : byte))] : [],
  )
  const sighting = await askUdp(dnsUdp, port, { profile: hurried })
  assert.deepEqual([sighting?.incomplete?.code, sighting?.facts?.recursion], ['silent', null])
})
