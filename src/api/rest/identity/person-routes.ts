import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { fail } from '#core/errors.ts'
import { renewRecoveryCodes } from '#platform/user/account.ts'
import {
  addPasskey, confirmSecondFactor, dropPasskey, listPasskeys, note, passkeyOffer, renewBackupCodes, startSecondFactor, stopSecondFactor,
} from '#platform/user/second-factor.ts'
import { changePassword, mustKnowPassword, renamePerson } from '#platform/user/session.ts'
import type { ApiContext } from '../../context.ts'
import { guessing } from '../../limits.ts'
import { IdParams, Nothing } from '../../schema.ts'
import { callOf, setCookies } from './call.ts'
import { Codes, NewPasskey, Passkey, PasskeyOptions, PasswordChange, PasswordOnly, Profile, SecondFactorOffer, TotpCode } from './schemas.ts'

const tags = ['identity']
const config = { person: true, browserOnly: true, rateLimit: guessing } as const

/** What a person does with their own account. None of it can be done with an API token. */
export const personRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { identity } = context

  app.patch('/profile', { config, schema: { tags, summary: 'Change my name', body: Profile, response: { 204: Nothing } } }, async (request, reply) => {
    await renamePerson(identity, request.person, request.body.name)
    return reply.status(204).send(null)
  })

  app.put('/password', { config, schema: { tags, summary: 'Change my password', description: 'Ends all other sessions.', body: PasswordChange, response: { 204: Nothing } } }, async (request, reply) => {
    setCookies(reply, await changePassword(identity, callOf(request), { person: request.person, actor: request.member }, request.body))
    return reply.status(204).send(null)
  })

  app.post('/recovery-codes', { config, schema: { tags, summary: 'New recovery codes', description: 'Each replaces a forgotten password once; the former codes end.', body: PasswordOnly, response: { 200: Codes } } }, async (request) => {
    await mustKnowPassword(identity, callOf(request), request.body.password)
    const codes = await context.store.platform((tx) => renewRecoveryCodes(tx, request.person.id, new Date(context.now())))
    await note(identity, request.member, 'person.recovery_codes_renewed')
    return { codes: [...codes] }
  })

  app.post('/second-factor', { config, schema: { tags, summary: 'Begin to set up an authenticator', body: PasswordOnly, response: { 200: SecondFactorOffer } } }, async (request, reply) => {
    const { value, setCookies: cookies } = await startSecondFactor(identity, callOf(request), request.body.password)
    setCookies(reply, cookies)
    return { uri: value.uri, backupCodes: [...value.backupCodes] }
  })

  app.post('/second-factor/confirm', { config, schema: { tags, summary: 'Switch the authenticator on with its first code', body: TotpCode, response: { 204: Nothing } } }, async (request, reply) => {
    setCookies(reply, await confirmSecondFactor(identity, callOf(request), request.member, request.body.code))
    return reply.status(204).send(null)
  })

  app.post('/second-factor/stop', { config, schema: { tags, summary: 'Switch the authenticator off', body: PasswordOnly, response: { 204: Nothing } } }, async (request, reply) => {
    setCookies(reply, await stopSecondFactor(identity, callOf(request), request.member, request.body.password))
    return reply.status(204).send(null)
  })

  app.post('/second-factor/backup-codes', { config, schema: { tags, summary: 'New backup codes for a lost authenticator', body: PasswordOnly, response: { 200: Codes } } }, async (request) => ({
    codes: [...(await renewBackupCodes(identity, callOf(request), request.member, request.body.password))],
  }))

  app.get('/passkeys', { config: { person: true, browserOnly: true }, schema: { tags, summary: 'My passkeys', response: { 200: Type.Object({ items: Type.Array(Passkey) }) } } }, async (request) => ({
    items: (await listPasskeys(identity, request.person.id)).map((row) => ({ ...row, createdAt: row.createdAt.toISOString() })),
  }))

  app.post('/passkeys/options', { config, schema: { tags, summary: 'Begin to add a passkey', response: { 200: PasskeyOptions } } }, async (request, reply) => {
    const { value, setCookies: cookies } = await passkeyOffer(identity, callOf(request))
    setCookies(reply, cookies)
    return value
  })

  app.post('/passkeys', { config, schema: { tags, summary: 'Add a passkey', body: NewPasskey, response: { 204: Nothing } } }, async (request, reply) => {
    await addPasskey(identity, callOf(request), request.member, request.body.name, request.body.response)
    return reply.status(204).send(null)
  })

  app.delete('/passkeys/:id', { config, schema: { tags, summary: 'Remove a passkey', params: IdParams, response: { 204: Nothing } } }, async (request, reply) => {
    if (!(await dropPasskey(identity, request.member, request.person.id, request.params.id))) fail('not_found', { what: 'passkey', id: request.params.id })
    return reply.status(204).send(null)
  })
}
