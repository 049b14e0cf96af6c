import { mostExchanges, type Exchange, type Proof } from '#core/proof.ts'
import type { Flight } from './asker.ts'
import type { Verdict } from './attack/after-hello.ts'
import type { Offer } from './look/enumerate.ts'
import { factsOf, suiteName, weakClasses } from './suites.ts'

/** A conversation with what it shows. `grave`: a finding of weight may stand on it. */
export type Shown = Readonly<{ flight: Flight; note: string; grave: boolean }>

/** Conversations that show what was refused. */
const mostControl = 8

/**
 * The conversations that show what findings say, the gravest first where there are more than a proof holds: attacks, SSL 2, old versions and each class of weak suites once, certificates, the prime,
 * curves and what else is agreed on; then current versions, key exchange by RSA, and what only informs. `matched` says what had no room.
 */
export function proofOf(offers: readonly Offer[], sslv2: Exchange | null, others: readonly Shown[], verdicts: readonly Verdict[]): Proof {
  const found = verdicts.filter((verdict) => verdict.found === true)
  const suites = suitesShown(offers)
  const noted = [
    ...found.flatMap(({ flaw, shown }) => shown.map((exchange) => ({ ...exchange, note: flaw }))),
    ...(sslv2 === null ? [] : [sslv2]),
    ...[...suites, ...others].filter(({ grave }) => grave).flatMap(noting),
    ...[...suites, ...others].filter(({ grave }) => !grave).flatMap(noting),
  ]
  const refusals = offers.filter(({ state }) => state === 'refused').flatMap(({ version, shown }) => shown.slice(0, 1).flatMap((flight) => noting({ flight, note: `${version} is refused`, grave: false })))
  const left = noted.slice(mostExchanges).map(({ note }) => note)
  return {
    check: 'tls@3',
    exchanges: noted.slice(0, mostExchanges),
    control: refusals.slice(0, mostControl),
    ...(refusals.length === 0 ? { controlNote: 'A ServerHello that takes one offered suite is its own proof.' } : {}),
    matched: [...found.map(({ flaw, text }) => `${flaw}: ${text}`.slice(0, 500)), ...(left.length === 0 ? [] : [`seen too, without room for the bytes: ${left.join('; ')}`.slice(0, 500)])],
  }
}

const current = /^TLSv1\.[23]$/

/** Of each version and each class of suites that a finding names, one hello that shows it; one that shows several stands for all of them. */
function suitesShown(offers: readonly Offer[]): readonly Shown[] {
  const told = new Set<string>()
  const all = offers.filter(({ state }) => state === 'accepted').flatMap(({ version, shown }) => shown.map((flight) => ({ version, flight, facts: factsShown(version, flight) })))
  const picked: Shown[] = []
  for (const { version, flight, facts } of all.sort((a, b) => b.facts.length - a.facts.length)) {
    const fresh = facts.filter((fact) => !told.has(fact))
    for (const fact of fresh) told.add(fact)
    if (fresh.length > 0) picked.push({ flight, note: `${version}${flight.hello === null ? '' : ` takes ${suiteName(flight.hello.suite)}`}`, grave: fresh.some((fact) => !current.test(fact) && fact !== 'RSA') })
  }
  return picked
}

function factsShown(version: string, { hello }: Flight): readonly string[] {
  const suite = hello === null ? null : factsOf(hello.suite)
  return [version, ...(suite?.weak ?? []).filter((name) => weakClasses.some((one) => one === name)), ...(suite?.exchange === 'RSA' ? ['RSA'] : [])]
}

function noting({ flight: { exchange }, note }: Shown): readonly Exchange[] {
  return exchange === null ? [] : [{ ...exchange, note }]
}
