import type { Asker } from '../asker.ts'
import type { Offer } from '../look/enumerate.ts'
import type { Verdict } from './after-hello.ts'
import { ccsInjection } from './ccs-injection.ts'
import { heartbleed } from './heartbleed.ts'
import { robot } from './robot.ts'

export type Attacks = Readonly<{ flaws: readonly string[]; tested: readonly string[]; verdicts: readonly Verdict[] }>

/** What TLS 1.3 has no place for is answered without asking, where nothing older is spoken. */
const below13 = ['heartbleed', 'ccs-injection', 'robot']

export async function attacksOn(asker: Asker, below: Offer | undefined, sslv2: boolean, heartbeat: boolean, wait: number, fragile: boolean): Promise<Attacks> {
  const drown = sslv2 ? ['drown'] : []
  if (below === undefined) return { flaws: drown, tested: below13, verdicts: [] }
  if (fragile) return { flaws: drown, tested: [], verdicts: [] }
  const verdicts = await Promise.all([heartbleed(asker, below, heartbeat, wait), ccsInjection(asker, below, wait), robot(asker, below, wait)])
  return {
    flaws: [...verdicts.filter(({ found }) => found === true).map(({ flaw }) => flaw), ...drown],
    tested: verdicts.filter(({ found }) => found !== null).map(({ flaw }) => flaw),
    verdicts,
  }
}
