import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { test } from 'node:test'
import { cookiesOf, origin, signUp, withServer, type TestServer } from './server.ts'

type Answer = Readonly<{ status: number; body: Readonly<Record<string, unknown>>; cookie: string }>

async function post({ app }: Pick<TestServer, 'app'>, path: string, cookie: string, payload?: object): Promise<Answer> {
  const answer = await app.inject({ method: 'POST', url: `/api/v1/identity${path}`, headers: { origin, cookie }, ...(payload === undefined ? {} : { payload }) })
  return { status: answer.statusCode, body: answer.body === '' ? {} : answer.json(), cookie: cookiesOf(answer.headers['set-cookie']) }
}

test('a passkey: added, listed, signs in, removed', async (t) => {
  const server = await withServer(t)
  const mine = await signUp(server)
  const key = authenticator()
  const offer = await post(server, '/passkeys/options', mine.headers.cookie)
  assert.deepEqual([(offer.body['rp'] as { id: string }).id, (offer.body['authenticatorSelection'] as { userVerification: string }).userVerification], ['localhost', 'required'])
  const added = await post(server, '/passkeys', `${mine.headers.cookie}; ${offer.cookie}`, { name: 'Laptop', response: key.create(String(offer.body['challenge'])) })
  assert.equal(added.status, 204, JSON.stringify(added.body))
  const again = await post(server, '/passkeys', `${mine.headers.cookie}; ${offer.cookie}`, { name: 'Laptop', response: key.create(String(offer.body['challenge'])) })
  assert.equal(again.status, 401, 'a challenge is good once')

  const enter = async (use: (challenge: string) => object): Promise<Answer> => {
    const options = await post(server, '/sign-in/passkey/options', '')
    return post(server, '/sign-in/passkey', options.cookie, { response: use(String(options.body['challenge'])) })
  }
  const entered = await enter((challenge) => key.get(challenge))
  assert.equal(entered.status, 200, JSON.stringify(entered.body))
  const here = await server.app.inject({ url: '/api/v1/identity/session', headers: { cookie: entered.cookie } })
  assert.equal(here.json<{ person: { id: string } }>().person.id, mine.user)

  const refused = { challenge: await enter(() => key.get(randomBytes(32).toString('base64url'))), 'other page': await enter((challenge) => key.get(challenge, { origin: 'http://localhost:9' })),
    'nobody verified': await enter((challenge) => key.get(challenge, { verified: false })), 'another key': await enter((challenge) => authenticator().get(challenge)),
    'other host': await enter((challenge) => key.get(challenge, { host: 'example.org' })) }
  for (const [why, answer] of Object.entries(refused)) assert.deepEqual([answer.status, answer.body['code']], [401, 'sign_in.passkey_wrong'], why)

  const list = await server.app.inject({ url: '/api/v1/identity/passkeys', headers: mine.headers })
  const [passkey] = list.json<{ items: { id: string; name: string }[] }>().items
  assert.equal(passkey!.name, 'Laptop')
  const theirs = await signUp(server)
  const drop = (headers: Readonly<Record<string, string>>) => server.app.inject({ method: 'DELETE', url: `/api/v1/identity/passkeys/${passkey!.id}`, headers })
  assert.equal((await drop(theirs.headers)).statusCode, 404)
  assert.equal((await drop(mine.headers)).statusCode, 204)
  assert.equal((await enter((challenge) => key.get(challenge))).status, 401)
})

test('a passkey needs a fresh sign-in', async (t) => {
  const server = await withServer(t)
  const mine = await signUp(server)
  await server.database.owner`update session set created_at = now() - interval '2 hours'`
  const offer = await post(server, '/passkeys/options', mine.headers.cookie)
  assert.deepEqual([offer.status, offer.body['code']], [403, 'sign_in.again'])
})

/** A WebAuthn authenticator in software: one resident P-256 key, no attestation (WebAuthn Level 3, 6.1 and 6.5). */
function authenticator() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  let counter = 0
  const data = (flags: number, host: string, more: Buffer = Buffer.alloc(0)): Buffer => {
    const head = Buffer.alloc(5)
    head[0] = flags
    head.writeUInt32BE(++counter, 1)
    return Buffer.concat([createHash('sha256').update(host).digest(), head, more])
  }
  const client = (type: string, challenge: string, from: string): Buffer => Buffer.from(JSON.stringify({ type, challenge, origin: from, crossOrigin: false }))
  const shell = (response: object): object => ({ id: id.toString('base64url'), rawId: id.toString('base64url'), type: 'public-key', clientExtensionResults: {}, authenticatorAttachment: 'platform', response })
  const [present, verified, attested] = [1, 4, 64]
  return {
    create(challenge: string): object {
      const { x, y } = publicKey.export({ format: 'jwk' })
      const coordinate = (text: string): Buffer => Buffer.concat([Buffer.from([0x58, 32]), Buffer.from(text, 'base64url')])
      // COSE: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
      const cose = Buffer.concat([Buffer.from([0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21]), coordinate(x!), Buffer.from([0x22]), coordinate(y!)])
      const credential = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cose])
      const authData = data(present | verified | attested, 'localhost', credential)
      const text = (word: string): Buffer => Buffer.concat([Buffer.from([0x60 + word.length]), Buffer.from(word)])
      const attestation = Buffer.concat([Buffer.from([0xa3]), text('fmt'), text('none'), text('attStmt'), Buffer.from([0xa0]), text('authData'), Buffer.from([0x58, authData.length]), authData])
      return shell({ clientDataJSON: client('webauthn.create', challenge, origin).toString('base64url'), attestationObject: attestation.toString('base64url'), transports: ['internal'] })
    },
    get(challenge: string, odd: Readonly<{ origin?: string; host?: string; verified?: boolean }> = {}): object {
      const authData = data(odd.verified === false ? present : present | verified, odd.host ?? 'localhost')
      const clientData = client('webauthn.get', challenge, odd.origin ?? origin)
      const signature = sign('sha256', Buffer.concat([authData, createHash('sha256').update(clientData).digest()]), privateKey)
      return shell({ clientDataJSON: clientData.toString('base64url'), authenticatorData: authData.toString('base64url'), signature: signature.toString('base64url') })
    },
  }
}
