import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Observation } from '#core/observation.ts'
import { failed } from '../net.ts'
import { Unseen, type Probe } from '../probe.ts'
import { joinEvidence } from '../services/wire/reply.ts'
import { defaultLogins, mostTries, mostTriesOfAccount, type DefaultLogin, type Pair } from './default-logins.ts'
import { tryLogin } from './try-login.ts'

/** Ms between two tries at one service. */
const pause = 500

/**
 * The probe `default-login`: tries the few logins that a product ships with, once each, where the profile allows it. First a user that nobody has must be refused: what lets anybody in
 * proves nothing. It stops for good at the first sign of a lock or a brake.
 * Reproduce: `curl -u USER:PASSWORD URL`, `redis-cli -a PASSWORD`, `ftp`.
 */
export const defaultLogin: Probe<'service'> = {
  id: 'default-login',
  version: 1,
  on: 'service',
  effect: 'login',
  needs: { defaults: true },
  wants: (seen: Observation<'service'>, profile) => profile.fragile !== true && seen.at.proto === 'tcp' && seen.data.facts['defaultLogin'] === undefined && loginOf(seen) !== undefined,
  async *run(seen, tools, signal) {
    const login = loginOf(seen)
    if (login === undefined) return
    const { at, data } = seen
    const stranger: Pair = [`v${randomBytes(5).toString('hex')}`, randomBytes(9).toString('hex')]
    const control = await tryLogin(login, stranger, at, data.tls, tools)
    if (failed(control)) throw new Unseen(control.failed, control.text)
    if (control.result === 'stop') throw new Unseen('braked', 'the service brakes or locks logins: nothing was tried')
    if (control.result !== 'refused') return
    for (const [user, password] of bounded(login.pairs)) {
      await (tools.rest?.(pause) ?? sleep(pause))
      signal.throwIfAborted()
      const outcome = await tryLogin(login, [user, password], at, data.tls, tools)
      if (failed(outcome)) throw new Unseen(outcome.failed, outcome.text)
      if (outcome.result === 'stop') throw new Unseen('braked', 'the service began to brake or lock logins: the rest was not tried')
      if (outcome.result !== 'in') continue
      const evidence = joinEvidence(...[outcome.evidence, control.evidence].filter((one) => one !== undefined))
      yield {
        kind: 'service', at, data: { ...data, facts: { ...data.facts, defaultLogin: true, defaultUser: user, defaultPassword: password } },
        evidence: { ...evidence, note: 'the login of the product was taken; a user and password that nobody has were refused' },
      }
      return
    }
  },
}

function loginOf({ data }: Observation<'service'>): DefaultLogin | undefined {
  // Where nothing is asked for, there is nothing to try.
  if (data.name === 'redis') return data.facts['auth'] === true && data.facts['protectedMode'] !== true ? defaultLogins.find((one) => one.over === 'redis') : undefined
  if (data.name === 'ftp') return data.facts['cleartextLogin'] === true || data.tls ? defaultLogins.find((one) => one.over === 'ftp') : undefined
  if (data.facts['auth'] === false) return undefined
  return defaultLogins.find((one) => one.over === 'basic' && one.product === data.product)
}

/** No account more often than is safe, no service either. */
export function bounded(pairs: readonly Pair[]): readonly Pair[] {
  const tries = new Map<string, number>()
  return pairs.filter(([user]) => {
    const before = tries.get(user) ?? 0
    tries.set(user, before + 1)
    return before < mostTriesOfAccount
  }).slice(0, mostTries)
}
