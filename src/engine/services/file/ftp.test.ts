import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookAt } from '../../testing.ts'
import { ftp } from './ftp.ts'
import { parseEpsv, parseListing, parsePasv } from './ftp-anonymous.ts'
import { serve, speaker, type Line } from '../testing-server.ts'

const closed: readonly Line[] = [[/^FEAT/, '211-Features:\r\n AUTH TLS\r\n211 End\r\n'], [/^USER/, '530 TLS first\r\n'], [/^SITE HELP/, '214-SITE\r\n CPFR <sp> pathname\r\n CPTO <sp> pathname\r\n214 done\r\n']]

test('ProFTPD: version, distribution, and the commands of mod_copy', async (t) => {
  const port = await serve(t, speaker('220 ProFTPD 1.3.5 Server (Debian) [::ffff:127.0.0.1]\r\n', closed))
  const sighting = await lookAt(ftp, port)
  assert.deepEqual([sighting?.product, sighting?.version, sighting?.distro], ['ProFTPD', '1.3.5', 'debian'])
  assert.equal(sighting?.cpe, 'cpe:2.3:a:proftpd:proftpd:1.3.5:*:*:*:*:*:*:*')
  assert.deepEqual(sighting?.facts, { features: ['AUTH TLS'], modCopy: true, cleartextLogin: false, starttls: true, anonymous: false })
})

test('a server without mod_copy says so by its help', async (t) => {
  const port = await serve(t, speaker('220 ProFTPD Server\r\n', [[/^SITE HELP/, '214-SITE\r\n CHMOD\r\n214 done\r\n'], ...closed]))
  assert.equal((await lookAt(ftp, port))?.facts?.modCopy, false)
})

test('where FEAT tells nothing, AUTH TLS is asked on its own', async (t) => {
  const lines: readonly Line[] = [[/^FEAT/, '500 what?\r\n'], [/^USER/, '331 password\r\n'], [/^PASS/, '530 no\r\n'], [/^AUTH TLS/, '234 go on\r\n']]
  const facts = (await lookAt(ftp, await serve(t, speaker('220 hello\r\n', lines))))?.facts
  assert.deepEqual(facts, { cleartextLogin: true, starttls: true, anonymous: false })
})

test('a login that is neither granted nor refused tells nothing', async (t) => {
  const lines: readonly Line[] = [[/^FEAT/, '211-F\r\n UTF8\r\n211 E\r\n'], [/^USER vigil/, '331 password\r\n'], [/^USER anonymous/, '421 too many users\r\n'], [/^AUTH/, '502 no\r\n']]
  assert.equal((await lookAt(ftp, await serve(t, speaker('220 hello\r\n', lines))))?.facts?.anonymous, null)
})

test('turned away at the door: recognised, and nothing concluded', async (t) => {
  const sighting = await lookAt(ftp, await serve(t, speaker('421 There are too many connections from your internet address.\r\n', [])))
  assert.deepEqual(sighting?.facts, {})
  assert.equal(sighting?.incomplete?.code, 'closed')
})

test('cut off in the middle: what was seen stays, and the look is incomplete', async (t) => {
  const lines: readonly Line[] = [[/^FEAT/, '211-F\r\n AUTH TLS\r\n211 E\r\n'], [/^USER vigil/, '331 password\r\n'], [/^USER anonymous/, null]]
  const sighting = await lookAt(ftp, await serve(t, speaker('220 (vsFTPd 2.3.4)\r\n', lines)))
  assert.equal(sighting?.version, '2.3.4')
  assert.equal(sighting?.facts?.cleartextLogin, true)
  assert.equal(sighting !== null && 'anonymous' in (sighting.facts ?? {}), false)
  assert.equal(sighting?.incomplete?.code, 'closed')
})

test('PASV leads nowhere but to the port: the address in it is not ours to follow', () => {
  assert.equal(parsePasv('Entering Passive Mode (10,0,0,1,4,210).'), 1234)
  assert.equal(parsePasv('Entering Passive Mode (10,0,0,1,0,0).'), null)
  assert.equal(parseEpsv('Entering Extended Passive Mode (|||70000|)'), null)
})

test('listings: modes, odd names, no more than twenty', () => {
  assert.deepEqual(parseListing('total 8\r\ndrwxrwxrwt   2 0  0  4096 Jan 01 00:00 in coming\r\ndrwxr-xr-x 2 0 0 4096 Jan 01  2020 pub\r\n-rw-rw-rw- 1 0 0 1 Jan 01 00:00 open.txt\r\n'), [
    { name: 'in coming', directory: true, writable: true },
    { name: 'pub', directory: true, writable: false },
    { name: 'open.txt', directory: false, writable: false },
  ])
  assert.equal(parseListing('drwxrwxrwx 2 0 0 4096 Jan 01 00:00 a\r\n'.repeat(500)).length, 20)
})
