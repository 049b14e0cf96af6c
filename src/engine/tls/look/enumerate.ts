import type { Failure } from '../../net.ts'
import type { Ask, Flight } from '../asker.ts'
import { wireVersion, type TlsVersion } from '../hello.ts'
import { factsOf, suitesOf } from '../suites.ts'

export type Offer = Readonly<{
  version: TlsVersion
  /** `unknown`: no answer came, which is no refusal. */
  state: 'accepted' | 'refused' | 'unknown'
  suites: readonly number[]
  order: 'server' | 'client' | null
  /** The version and each suite that was taken, by the hello that shows it. */
  shown: readonly Flight[]
  /** What ended the asking too early: the suites are not all. */
  lost: Failure | null
}>

/** Suites in one hello: more bytes than 512 upset old servers. */
const mostOffered = 100
const protocolVersion = 70
const internalError = 80

/** All suites that a server takes in one version: what it took is left out of the next hello, until it refuses. */
export async function enumerate(ask: Ask, version: TlsVersion): Promise<Offer> {
  const all = suitesOf(version)
  const taken: number[] = []
  const shown: Flight[] = []
  let lost: Failure | null = null
  let spoken = false
  const waiting: { left: readonly number[]; whole: boolean }[] = Array.from({ length: Math.ceil(all.length / mostOffered) }, (_, index) => ({ left: all.slice(index * mostOffered, (index + 1) * mostOffered), whole: true }))
  for (let part = waiting.shift(); part !== undefined && lost === null; part = waiting.shift()) {
    let { left } = part
    while (left.length > 0) {
      let flight = await ask({ version, suites: left })
      // A busy server is asked again: what it did not answer would be missing from the list.
      if (flight.lost?.failed === 'timeout' && spoken) flight = await ask({ version, suites: left })
      if (flight.lost !== null) {
        lost = flight.lost
        break
      }
      const { hello } = flight
      // A server that answers with what was not offered took nothing.
      const isOurs = hello !== null && hello.version === wireVersion[version]
      if (isOurs) spoken = true
      if (!isOurs || !left.includes(hello.suite)) {
        // Of another version, or refused for the version: no other suite will change its mind.
        if (!spoken && ((hello !== null && !isOurs) || flight.alert === protocolVersion || flight.foreign)) return { version, state: 'refused', suites: [], order: null, shown: [flight], lost: null }
        if (isOurs) shown.push(flight)
        // It may have chosen what it then could not do (Dovecot: a group that was never set up), which says nothing of the others.
        else if (part.whole && (flight.alert === null || flight.alert === internalError)) waiting.unshift(...byExchange(left).map((group) => ({ left: group, whole: false })))
        break
      }
      taken.push(hello.suite)
      shown.push(flight)
      left = left.filter((suite) => suite !== hello.suite)
    }
  }
  const state = spoken ? 'accepted' : lost !== null ? 'unknown' : 'refused'
  return { version, state, suites: taken, order: lost === null ? await orderOf(ask, version, taken) : null, shown, lost }
}

/** The usual ways to exchange keys, each by itself. */
function byExchange(suites: readonly number[]): readonly (readonly number[])[] {
  return ['ECDHE', 'RSA', 'DHE'].map((exchange) => suites.filter((suite) => factsOf(suite)?.exchange === exchange)).filter((group) => group.length > 0)
}

/** The server's own order shows in that the same suite is taken, whichever way round they are offered. */
async function orderOf(ask: Ask, version: TlsVersion, taken: readonly number[]): Promise<Offer['order']> {
  if (taken.length < 2) return null
  const there = await ask({ version, suites: taken })
  const back = await ask({ version, suites: taken.toReversed() })
  if (there.hello === null || back.hello === null) return null
  return there.hello.suite === back.hello.suite ? 'server' : 'client'
}

/** What a server takes of a list when what it took is left out of the next hello; `pick` reads it from the answer, `shown` is told of each. Null: it could not be told. */
export async function exhaust(list: readonly number[], ask: (left: readonly number[]) => Promise<Flight>, pick: (flight: Flight) => number | null, shown?: (taken: number, flight: Flight) => void): Promise<readonly number[] | null> {
  const taken: number[] = []
  let left = list
  while (left.length > 0) {
    const flight = await ask(left)
    if (flight.lost !== null) return null
    const one = pick(flight)
    if (one === null || !left.includes(one)) break
    taken.push(one)
    shown?.(one, flight)
    left = left.filter((each) => each !== one)
  }
  return taken
}
