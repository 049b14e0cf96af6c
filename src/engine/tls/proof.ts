import { mostExchanges, type Exchange, type Proof } from '#core/proof.ts'
import type { Flight } from './asker.ts'
import type { Verdict } from './attack/after-hello.ts'
import type { Offer } from './look/enumerate.ts'
import { factsOf, suiteName } from './suites.ts'

/** The hellos that show what findings say: attacks, each version, each class of weak suite once, then what is agreed on beside. */
export function proofOf(offers: readonly Offer[], sslv2: Exchange | null, others: readonly Flight[], verdicts: readonly Verdict[]): Proof {
  const found = verdicts.filter((verdict) => verdict.found === true)
  const classes = new Set<string>()
  const noted: (Exchange | null)[] = [sslv2, ...found.flatMap(({ flaw, shown }) => shown.slice(0, 2).map((flight) => noting(flight, flaw)))]
  for (const { version, state, shown } of offers) {
    if (state !== 'accepted') continue
    for (const [index, flight] of shown.entries()) {
      const fresh = flight.hello === null ? [] : (factsOf(flight.hello.suite)?.weak ?? []).filter((name) => !classes.has(name))
      for (const name of fresh) classes.add(name)
      if (index === 0 || fresh.length > 0) noted.push(noting(flight, `${version}${flight.hello === null ? '' : ` takes ${suiteName(flight.hello.suite)}`}`))
    }
  }
  noted.push(...others.map((flight) => noting(flight, flight.dhBits === null ? 'what is agreed on beside suites' : `a prime of ${flight.dhBits} bits`)))
  const refusals = offers.filter(({ state }) => state === 'refused').flatMap(({ version, shown }) => shown.slice(0, 1).map((flight) => noting(flight, `${version} is refused`)))
  return {
    check: 'tls@2',
    exchanges: noted.filter((exchange) => exchange !== null).slice(0, mostExchanges),
    control: refusals.filter((exchange) => exchange !== null).slice(0, 4),
    ...(refusals.length === 0 ? { controlNote: 'A ServerHello that takes one offered suite is its own proof.' } : {}),
    matched: found.map(({ flaw, text }) => `${flaw}: ${text}`.slice(0, 500)),
  }
}

function noting({ exchange }: Flight, note: string): Exchange | null {
  return exchange === null ? null : { ...exchange, note }
}
