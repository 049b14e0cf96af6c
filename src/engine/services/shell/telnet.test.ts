import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lookAt } from '../../testing.ts'
import { promptOf, telnet } from './telnet.ts'
import { serve } from '../testing-server.ts'

test('prompts: logins, shells, and what is neither', () => {
  for (const text of ['box login: ', 'Username:', 'User Name : ', 'Password: ', 'Account:', 'login (admin):']) assert.equal(promptOf(text), 'login', text)
  for (const text of ['root@box:~# ', '\r\nBusyBox v1.19\r\n/ # ', 'Router>', 'sh-5.1$ ', '[admin@MikroTik] > ']) assert.equal(promptOf(text), 'shell', text)
  for (const text of ['', 'Welcome', '<html>', '100%\r\n', 'hello >>> ', 'price: 5 $']) assert.equal(promptOf(text), null, JSON.stringify(text))
})

test('options are refused one by one, echo and go-ahead aside', async (t) => {
  let heard: Uint8Array = new Uint8Array(0)
  const port = await serve(t, (socket) => {
    socket.write(Buffer.from([255, 253, 24, 255, 251, 1, 255, 251, 38]))
    socket.once('data', (bytes: Buffer) => {
      heard = bytes
      socket.write('BusyBox v1.19.4\r\n/ # ')
    })
  })
  const sighting = await lookAt(telnet, port)
  assert.deepEqual([...heard], [255, 252, 24, 255, 253, 1, 255, 254, 38])
  assert.deepEqual([sighting?.product, sighting?.version], ['BusyBox telnetd', '1.19.4'])
  assert.deepEqual(sighting?.facts, { options: ['DO 24', 'WILL 1', 'WILL 38'], encrypt: true, login: false, shell: true, text: 'BusyBox v1.19.4 / #', auth: false, cleartextLogin: false })
})

test('negotiation without a prompt concludes nothing', async (t) => {
  const port = await serve(t, (socket) => { socket.write(Buffer.from([255, 253, 24])) })
  const facts = (await lookAt(telnet, port))?.facts
  assert.deepEqual([facts?.auth, facts?.login, facts?.shell], [null, false, false])
})
