import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { Sql } from 'postgres'
import { postgres } from './driver.ts'

/** AuthenticationOk and ReadyForQuery, as PostgreSQL answers a start-up message. */
const ready = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49])
/** CommandComplete of BEGIN, and ReadyForQuery inside a transaction. */
const begun = Buffer.concat([Buffer.from([0x43, 0, 0, 0, 10]), Buffer.from('BEGIN\0'), Buffer.from([0x5a, 0, 0, 0, 5, 0x54])])

/** CommandComplete of a query without rows, and ReadyForQuery. */
const done = Buffer.concat([Buffer.from([0x43, 0, 0, 0, 13]), Buffer.from('SELECT 0\0'), Buffer.from([0x5a, 0, 0, 0, 5, 0x49])])

/** Lets everybody in; `heard` says what becomes of a client that asks something. */
async function connectTo(t: TestContext, heard: (client: Socket, asked: string) => void, types = false): Promise<Sql> {
  const listening = createServer((client) => {
    client.on('error', () => {})
    client.once('data', () => {
      client.write(ready)
      client.on('data', (asked) => heard(client, asked.toString('latin1')))
    })
  }).listen(0, '127.0.0.1')
  await once(listening, 'listening')
  const sql = postgres({ host: '127.0.0.1', port: (listening.address() as AddressInfo).port, max: 1, fetch_types: types, backoff: false })
  t.after(async () => {
    await sql.end({ timeout: 0 })
    listening.close()
  })
  return sql
}

test('what is asked while a broken connection is on its way out fails: it is neither left waiting nor taken for done', { timeout: 20_000 }, async (t) => {
  const sql = await connectTo(t, (client, asked) => void (asked.includes('break') ? client.resetAndDestroy() : client.write(done)))
  for (let round = 0; round < 5; round++) {
    await sql.unsafe('select').simple()
    // The second is asked as soon as the first is told of the error: the connection is not closed yet.
    await assert.rejects(sql.unsafe('select break').simple().catch(() => sql.unsafe('select after').simple()), /CONNECTION_CLOSED|ECONNRESET|ERR_STREAM/)
  }
})

test('a transaction whose connection died asks nothing of the one made anew, and does not end the program', { timeout: 20_000 }, async (t) => {
  const heard: string[] = []
  const sql = await connectTo(t, (client, asked) => {
    heard.push(asked)
    if (asked.includes('begin')) client.end(begun)
    else client.write(done)
  })
  let held: Sql | undefined
  await assert.rejects(sql.begin(async (own) => {
    held = own as unknown as Sql
    await new Promise(() => {})
  }), /CONNECTION_CLOSED/)
  await assert.rejects(held!.unsafe('select of the dead').simple(), /CONNECTION_CLOSED/)
  await sql.unsafe('select of another').simple()
  await assert.rejects(held!.unsafe('select of the dead').simple(), /CONNECTION_CLOSED/)
  assert.ok(!heard.some((asked) => asked.includes('dead')), heard.join('|'))
})

test('a connection that dies while it asks for the types of arrays tells who waits for it, and does not end the program', { timeout: 20_000 }, async (t) => {
  const sql = await connectTo(t, (client, asked) => void (asked.includes('typarray') ? client.resetAndDestroy() : client.write(done)), true)
  // Nobody would catch what is thrown besides: the runner takes it for a failure of this test.
  for (let round = 0; round < 5; round++) await assert.rejects(sql.unsafe('select').simple(), /CONNECTION_CLOSED|ECONNRESET/)
})
