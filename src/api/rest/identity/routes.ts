import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { Type } from 'typebox'
import { hasAccounts } from '#platform/user/link.ts'
import { inspectLink, joinAsKnown, joinAsNew, recover, resetPassword, welcome } from '#platform/user/joining.ts'
import { leastPassword } from '#platform/user/password.ts'
import { passkeyChallenge, passkeySignIn, secondFactor, signIn, signOut } from '#platform/user/sign-in.ts'
import type { ApiContext } from '../../context.ts'
import { guessing } from '../../limits.ts'
import { Nothing } from '../../schema.ts'
import { callOf, setCookies } from './call.ts'
import { personRoutes } from './person-routes.ts'
import { sessionRoutes } from './session-routes.ts'
import { Join, Joined, LinkCheck, LinkFacts, PasskeyOptions, PasskeySignIn, Recover, Reset, SecondFactorCode, ServerState, SignIn, SignInResult, Welcome } from './schemas.ts'

const open = { open: true, rateLimit: guessing } as const
const tags = ['identity']

/** Signing in and out, and the one-time links. What needs a session is in session-routes.ts and person-routes.ts. */
export const identityRoutes = (context: ApiContext): FastifyPluginAsyncTypebox => async (app) => {
  const { identity } = context
  await app.register(sessionRoutes(context))
  await app.register(personRoutes(context))

  app.get('/state', { config: { open: true }, schema: { tags, summary: 'What the sign-in page needs to know', response: { 200: ServerState } } }, async () => ({
    version: context.config.version, firstRun: !(await context.store.platform(hasAccounts)), leastPassword,
  }))

  app.post('/sign-in', { config: open, schema: { tags, summary: 'Sign in with a password', body: SignIn, response: { 200: SignInResult } } }, async (request, reply) => {
    const { email, password, remember = true } = request.body
    const { status, setCookies: cookies } = await signIn(identity, { ...callOf(request), cookie: '' }, { email, password, remember })
    setCookies(reply, cookies)
    return { status }
  })

  app.post('/sign-in/second-factor', { config: open, schema: { tags, summary: 'Finish a sign-in with a code', body: SecondFactorCode, response: { 200: SignInResult } } }, async (request, reply) => {
    const { status, setCookies: cookies } = await secondFactor(identity, callOf(request), request.body.kind, request.body.code)
    setCookies(reply, cookies)
    return { status }
  })

  app.post('/sign-in/passkey/options', { config: open, schema: { tags, summary: 'Begin a sign-in with a passkey', response: { 200: PasskeyOptions } } }, async (request, reply) => {
    const { value, setCookies: cookies } = await passkeyChallenge(identity, callOf(request))
    setCookies(reply, cookies)
    return value
  })

  app.post('/sign-in/passkey', { config: open, schema: { tags, summary: 'Finish a sign-in with a passkey', body: PasskeySignIn, response: { 200: SignInResult } } }, async (request, reply) => {
    const { status, setCookies: cookies } = await passkeySignIn(identity, callOf(request), request.body.response)
    setCookies(reply, cookies)
    return { status }
  })

  app.post('/sign-out', { config: { open: true }, schema: { tags, summary: 'End this session', response: { 204: Nothing } } }, async (request, reply) => {
    setCookies(reply, await signOut(identity, callOf(request)))
    return reply.status(204).send(null)
  })

  app.post('/links/check', { config: open, schema: { tags, summary: 'What a one-time link is for', body: LinkCheck, response: { 200: LinkFacts } } }, (request) => inspectLink(identity, request.body.token))

  app.post('/welcome', {
    config: open,
    schema: { tags, summary: 'Make the first account and organisation', description: 'With the token that `vigil up` prints. Signs in.', body: Welcome, response: { 201: Joined } },
  }, async (request, reply) => {
    const { recoveryCodes, email } = await welcome(identity, callOf(request), request.body)
    setCookies(reply, (await signIn(identity, { ...callOf(request), cookie: '' }, { email, password: request.body.password, remember: true })).setCookies)
    return reply.status(201).send({ recoveryCodes: [...recoveryCodes] })
  })

  app.post('/join', {
    config: open,
    schema: { tags, summary: 'Accept an invitation with a new account', description: 'Signs in.', body: Join, response: { 201: Joined } },
  }, async (request, reply) => {
    const { recoveryCodes, email } = await joinAsNew(identity, callOf(request), request.body)
    setCookies(reply, (await signIn(identity, { ...callOf(request), cookie: '' }, { email, password: request.body.password, remember: true })).setCookies)
    return reply.status(201).send({ recoveryCodes: [...recoveryCodes] })
  })

  app.post('/join/signed-in', {
    config: { person: true, browserOnly: true, rateLimit: guessing },
    schema: { tags, summary: 'Accept an invitation with the account signed in', body: LinkCheck, response: { 200: Type.Object({ organisation: Type.String({ maxLength: 36 }) }) } },
  }, async (request) => ({ organisation: await joinAsKnown(identity, callOf(request), request.person, request.body.token) }))

  app.post('/reset', { config: open, schema: { tags, summary: 'Set a new password by a reset link', body: Reset, response: { 204: Nothing } } }, async (request, reply) => {
    await resetPassword(identity, request.body)
    return reply.status(204).send(null)
  })

  app.post('/recover', { config: open, schema: { tags, summary: 'Set a new password by a recovery code', body: Recover, response: { 204: Nothing } } }, async (request, reply) => {
    await recover(identity, callOf(request), request.body)
    return reply.status(204).send(null)
  })
}
