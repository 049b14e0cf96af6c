import type { ScanEvent } from '#core/event.ts'
import { countPorts, parseProtoPorts } from '#core/port-set.ts'

/** Different reasons, and examples of each, that are kept: a scan may fail in ten thousand places for one reason. */
const reasonsMost = 40
const examplesMost = 3

type Reason = { places: number; examples: string[]; text: string }

/** What was and was not tested, over all hosts, in bounded memory. */
export interface Tally {
  take(event: ScanEvent): void
  readonly scanned: number
  readonly silent: number
  readonly done: number
  notTested(): readonly string[]
  notes(): readonly string[]
}

/**
 * Silence is an answer of a kind: a port that a firewall drops or rejects, a UDP service that says nothing, an open port that never spoke are told but do not
 * make a scan incomplete. What was cut, lost or broken does.
 */
function isQuiet(probe: string, code: string): boolean {
  return code === 'silent' || code === 'unidentified' || (probe === 'ports' && code === 'timeout') || ((probe === 'ports' || probe === 'udp') && code === 'unreachable')
}

export function openTally(single: ReadonlySet<string>): Tally {
  const incomplete = new Map<string, Reason>()
  const quiet = new Map<string, Reason>()
  const tally = { scanned: 0, silent: 0, done: 0 }

  function add(to: Map<string, Reason>, key: string, text: string, example: string, places: number): void {
    const known = to.get(key)
    if (known === undefined) {
      if (to.size < reasonsMost) to.set(key, { places, examples: [example], text })
      return
    }
    known.places += places
    if (known.examples.length < examplesMost) known.examples.push(example)
  }

  function tell(reasons: Map<string, Reason>): string[] {
    return [...reasons].map(([key, { places, examples, text }]) => {
      const more = places > examples.length && !examples.some((example) => example.includes(':') || example.includes('-')) ? ` and ${places - examples.length} more` : ''
      return `${key}: ${text} (${examples.join(', ')}${more})`
    })
  }

  return {
    get scanned() {
      return tally.scanned
    },
    get silent() {
      return tally.silent
    },
    get done() {
      return tally.done
    },
    take(event) {
      if (event.type === 'failed') {
        const sets = parseProtoPorts(event.ports)
        const places = Math.max(1, countPorts(sets.tcp) + countPorts(sets.udp))
        const short = event.ports.length > 60 ? `${places} ports` : event.ports
        add(isQuiet(event.probe, event.code) ? quiet : incomplete, `${event.probe}, ${event.code}`, event.text, short === '' ? event.address : `${event.address} ${short}`, places)
      }
      if (event.type !== 'done') return
      tally.done += 1
      if (event.outcome === 'dead') {
        tally.silent += 1
        if (single.has(event.address)) add(incomplete, 'no answer', `${event.why}; --alive looks all the same`, event.address, 1)
      } else tally.scanned += 1
      if (event.outcome === 'partial') add(incomplete, 'cut short', event.why, event.address, 1)
      if (event.outcome === 'refused') add(incomplete, 'refused', event.why, event.address, 1)
    },
    notTested: () => tell(incomplete),
    notes: () => tell(quiet),
  }
}
