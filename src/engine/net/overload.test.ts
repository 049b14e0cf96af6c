import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { parseIpSet } from '#core/ip-set.ts'
import { failed } from '../net.ts'
import { loopbackProfile } from '../testing.ts'
import { openNet } from './open.ts'

/** Serves eight at a time, each for a moment, and lets seven wait: the system drops the handshakes of all others. */
const server = `
import socket, threading, time
listener = socket.socket(); listener.bind(("127.0.0.1", 0)); listener.listen(6)
slots = threading.Semaphore(8)
def serve(connection):
  try:
    if connection.recv(1): time.sleep(0.02); connection.sendall(b"ok")
    connection.recv(1)
  except OSError: pass
  connection.close(); slots.release()
print(listener.getsockname()[1], flush=True)
while True:
  slots.acquire()
  connection, _ = listener.accept()
  threading.Thread(target=serve, args=(connection,), daemon=True).start()
`

test('a server that drops what it cannot bear is asked less at once, until it drops next to nothing', async (t) => {
  const child = spawn('python3', ['-c', server], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => child.kill('SIGKILL'))
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const port = Number(line.toString())
  // Shorter than the second after which a system asks again: what was dropped fails.
  const profile = { ...loopbackProfile, limits: { ...loopbackProfile.limits, connect: 900, answer: 5000 }, pace: { hosts: 1, connections: 128, perHost: 64, rate: 0 } }
  const net = openNet({ scope: parseIpSet('127.0.0.1'), exclude: [], profile, signal: new AbortController().signal, now: Date.now })
  t.after(() => net.close())
  let left = 1000
  const outcomes: boolean[] = []
  await Promise.all(Array.from({ length: 64 }, async () => {
    while (left-- > 0) {
      const connection = await net.connect({ address: '127.0.0.1', port })
      if (failed(connection)) {
        outcomes.push(false)
        continue
      }
      connection.write('x')
      outcomes.push(!failed(await connection.read({ until: 'ok' })))
      connection.close()
    }
  }))
  const kept = outcomes.slice(500)
  const lost = kept.filter((went) => !went).length
  t.diagnostic(`${outcomes.slice(0, 500).filter((went) => !went).length} of the first 500 lost, then ${lost} of ${kept.length}`)
  assert.equal(outcomes.length, 1000)
  assert.ok(lost <= kept.length / 10, `${lost} of ${kept.length} were lost`)
})
