import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookAt } from '../../testing.ts'
import { bytesOf, u32 } from '../wire/byte-reader.ts'
import { bitsOf, mpint, parseHostKey, string } from './ssh-message.ts'
import { sshProductOf } from './ssh-product.ts'
import { algorithmFacts, ssh } from './ssh.ts'
import { replayer, serve, speaker } from '../testing-server.ts'

test('banners: product, version, package, distribution', () => {
  const short = (text: string): readonly unknown[] => {
    const { product, version, distro, packageVersion } = sshProductOf(text)
    return [product, version, distro, packageVersion]
  }
  assert.deepEqual(short('OpenSSH_9.2p1 Debian-2+deb12u3'), ['OpenSSH', '9.2p1', 'debian', '2+deb12u3'])
  assert.deepEqual(short('OpenSSH_8.9p1 Ubuntu-3ubuntu0.10'), ['OpenSSH', '8.9p1', 'ubuntu', '3ubuntu0.10'])
  assert.deepEqual(short('OpenSSH_7.4'), ['OpenSSH', '7.4', undefined, undefined])
  assert.deepEqual(short('OpenSSH_for_Windows_8.1'), ['OpenSSH', '8.1', undefined, undefined])
  assert.deepEqual(short('OpenSSH_9.7 FreeBSD-20240806'), ['OpenSSH', '9.7', 'freebsd', undefined])
  assert.deepEqual(short('dropbear_2022.83'), ['Dropbear', '2022.83', undefined, undefined])
  assert.deepEqual(short('libssh_0.8.3'), ['libssh', '0.8.3', undefined, undefined])
  assert.deepEqual(short('Erlang/5.1.4'), ['Erlang SSH', '5.1.4', undefined, undefined])
  assert.deepEqual(short('Something'), [undefined, undefined, undefined, undefined])
  assert.equal(sshProductOf('OpenSSH_9.2p1').cpe, 'cpe:2.3:a:openbsd:openssh:9.2:p1:*:*:*:*:*:*')
})

const init = { kex: ['curve25519-sha256'], hostKeys: [], ciphersIn: [], ciphersOut: [], macsIn: [], macsOut: [], compressionIn: [], compressionOut: [] }

test('Terrapin: ChaCha20, or CBC with encrypt-then-MAC, and no strict exchange', () => {
  const exposed = (ciphers: readonly string[], macs: readonly string[], kex: readonly string[] = []): unknown =>
    algorithmFacts({ ...init, kex, ciphersIn: ciphers, ciphersOut: ciphers, macsIn: macs, macsOut: macs }).terrapin
  assert.equal(exposed(['chacha20-poly1305@openssh.com'], []), true)
  assert.equal(exposed(['chacha20-poly1305@openssh.com'], [], ['kex-strict-s-v00@openssh.com']), false)
  assert.equal(exposed(['aes128-cbc'], ['hmac-sha2-256-etm@openssh.com']), true)
  assert.equal(exposed(['aes128-cbc'], ['hmac-sha2-256']), false)
  assert.equal(exposed(['aes128-ctr'], ['hmac-sha2-256-etm@openssh.com']), false)
})

test('what only one direction offers is listed too', () => {
  const facts = algorithmFacts({ ...init, ciphersOut: ['aes128-ctr'], ciphersIn: ['aes128-ctr', 'arcfour'] })
  assert.deepEqual(facts.ciphers, ['aes128-ctr', 'arcfour'])
})

test('version 1 is seen from the banner alone', async (t) => {
  const sighting = await lookAt(ssh, await serve(t, speaker('SSH-1.5-OpenSSH_3.4p1\n', [])))
  assert.deepEqual([sighting?.version, sighting?.facts?.protocol, sighting?.facts?.protocol1], ['3.4p1', '1.5', true])
})

test('lines before the banner are a greeting', async (t) => {
  const sighting = await lookAt(ssh, await serve(t, speaker('Authorised users only\r\nSSH-1.99-Cisco-1.25\r\n', [], '')))
  assert.deepEqual([sighting?.product, sighting?.facts?.protocol1, sighting?.incomplete?.code], ['Cisco SSH', true, 'timeout'])
})

test('a server with nothing in common shows its lists, and the look is incomplete', async (t) => {
  const lists = ['diffie-hellman-odd', 'ssh-rsa', 'arcfour', 'arcfour', 'hmac-odd', 'hmac-odd', 'none', 'none', '', '']
  const payload = bytesOf(20, new Uint8Array(16), ...lists.map((list) => string(list)), 0, u32(0))
  const padding = 8 - ((payload.length + 5) % 8) + 8
  const sighting = await lookAt(ssh, await serve(t, replayer(bytesOf('SSH-2.0-Odd\r\n', u32(1 + payload.length + padding), padding, payload, new Uint8Array(padding)), [])))
  assert.deepEqual(sighting?.facts?.ciphers, ['arcfour'])
  assert.equal(sighting?.incomplete?.code, 'protocol')
  assert.equal('authMethods' in (sighting?.facts ?? {}), false)
})

test('numbers on the wire: no leading zeros, no sign', () => {
  assert.deepEqual([...mpint(Uint8Array.of(0, 0, 0x80))], [0, 0, 0, 2, 0, 0x80])
  assert.deepEqual([...mpint(Uint8Array.of(0, 0x7f))], [0, 0, 0, 1, 0x7f])
  assert.deepEqual([...mpint(Uint8Array.of(0))], [0, 0, 0, 0])
  assert.deepEqual([bitsOf(Uint8Array.of(0, 0x80)), bitsOf(Uint8Array.of(1, 0)), bitsOf(Uint8Array.of())], [8, 9, 0])
})

test('host keys: sizes by type', () => {
  const bits = (blob: Uint8Array): unknown => parseHostKey(blob)?.bits
  assert.equal(bits(bytesOf(string('ssh-rsa'), string(Uint8Array.of(1, 0, 1)), mpint(new Uint8Array(128).fill(255)))), 1024)
  assert.equal(bits(bytesOf(string('ssh-dss'), mpint(new Uint8Array(128).fill(255)))), 1024)
  assert.equal(bits(bytesOf(string('ecdsa-sha2-nistp521'), string('nistp521'))), 521)
  assert.equal(bits(bytesOf(string('ssh-ed25519'), string(new Uint8Array(32)))), 256)
})
