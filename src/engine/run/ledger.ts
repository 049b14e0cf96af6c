import type { ScanEvent } from '#core/event.ts'
import type { Place, Proto } from '#core/place.ts'
import { eachPort, formatProtoPorts, hasPort, joinPorts, parseProtoPorts, portsOf, withoutPorts, type PortSet } from '#core/port-set.ts'
import type { Probe } from '../probe.ts'

type Trouble = Readonly<{ code: string; text: string }>
type Entry = { looked: Set<string>; failed: Map<string, Trouble>; tested: Set<string>; walks: boolean; asked: Map<string, Set<number>>; notes: Map<string, Trouble & { keys: Set<string> }> }
type Line = Extract<ScanEvent, { type: 'covered' | 'failed' }>

const mostNotes = 50

/** What was looked at on one host and what was not. It decides what may later be called fixed, so it errs towards "not looked". */
export interface Ledger {
  looked(probe: string, at: Place): void
  failed(probe: string, at: Place, trouble: Trouble): void
  tested(probe: string, ports: string): void
  untested(probe: string, ports: string, trouble: Trouble): void
  /** A remark that takes nothing from what was covered. */
  noted(probe: string, at: Place, trouble: Trouble): void
  /** A login got in there, and what was to be read was read. */
  entered(probe: string, at: Place): void
  /** On this port the requests of these signatures were really sent and answered. */
  asked(probe: string, at: Place, signatures: readonly number[]): void
  /** The lines for this host, of the probes that could have run. */
  close(asset: string, address: string, probes: readonly Probe[], at: number): readonly Line[]
}

export function openLedger(): Ledger {
  const entries = new Map<string, Entry>()
  const logins = new Map<string, Set<string>>()

  function entryOf(probe: string): Entry {
    let entry = entries.get(probe)
    if (entry === undefined) {
      entry = { looked: new Set(), failed: new Map(), tested: new Set(), walks: false, asked: new Map(), notes: new Map() }
      entries.set(probe, entry)
    }
    return entry
  }

  return {
    looked: (probe, at) => void entryOf(probe).looked.add(keyOf(at)),
    failed: (probe, at, trouble) => void entryOf(probe).failed.set(keyOf(at), trouble),
    tested(probe, ports) {
      const entry = entryOf(probe)
      entry.walks = true
      entry.tested.add(ports)
    },
    untested(probe, ports, trouble) {
      const entry = entryOf(probe)
      entry.walks = true
      for (const [proto, set] of Object.entries(parseProtoPorts(ports))) for (const port of eachPort(set)) entry.failed.set(`${proto}:${port}`, trouble)
    },
    noted(probe, at, { code, text }) {
      const { notes } = entryOf(probe)
      const known = notes.get(`${code} ${text}`)
      if (known !== undefined) known.keys.add(keyOf(at))
      else if (notes.size < mostNotes) notes.set(`${code} ${text}`, { code, text, keys: new Set([keyOf(at)]) })
    },
    entered(probe, at) {
      const known = logins.get(probe) ?? new Set()
      logins.set(probe, known.add(keyOf(at)))
    },
    asked(probe, at, signatures) {
      const { asked } = entryOf(probe)
      const known = asked.get(keyOf(at)) ?? new Set()
      for (const signature of signatures) known.add(signature)
      asked.set(keyOf(at), known)
    },
    close(asset, address, probes, at) {
      const failures = [...entries].flatMap(([probe, entry]) => failuresOf(probe, entry).map((failure): Line => ({ type: 'failed', asset, address, ...failure, at })))
      const conclusive = portsIn([...entries.values()].flatMap((entry) => [...entry.tested]))
      const byLogin = new Set(probes.filter((probe) => probe.needs.privilege === 'login').map((probe) => probe.id))
      // That a login failed says nothing of the service it was tried at.
      const troubled = new Set([...entries].flatMap(([id, entry]) => (byLogin.has(id) ? [] : [...entry.failed.keys()])))
      const reacted = reactedPorts(conclusive, troubled)
      const within = [...logins].flatMap(([probe, keys]) => [...keys].map((key): Line => ({ type: 'covered', asset, address, probe, ports: key === '' ? '' : textOf([key]), login: true, at })))
      const covered = probes.flatMap((probe): Line[] => {
        if (byLogin.has(probe.id)) return []
        const entry = entryOf(probe.id)
        const line = { type: 'covered', asset, address, probe: probe.id, login: false, at } as const
        if (probe.on === 'host' && !entry.walks) return entry.looked.has('') && entry.failed.size === 0 ? [{ ...line, ports: '' }] : []
        if (entry.walks) return ledgerLines(line, walkedPorts(entry), new Map())
        return ledgerLines(line, reacted(entry), entry.asked)
      })
      return [...failures, ...covered, ...within]
    },
  }
}

/** `tcp:80`; empty for the host as a whole. */
function keyOf(at: Place): string {
  return at.port === undefined ? '' : `${at.proto ?? 'tcp'}:${at.port}`
}

function numbers(keys: Iterable<string>, proto: Proto): number[] {
  return [...keys].filter((key) => key.startsWith(proto)).map((key) => Number(key.slice(4)))
}

/** One line a reason, with all its ports: a host may have ten thousand filtered ones. */
function failuresOf(probe: string, entry: Entry): Readonly<{ probe: string; ports: string; code: string; text: string }>[] {
  const byCode = new Map<string, { text: string; keys: string[] }>()
  for (const [key, { code, text }] of entry.failed) {
    const known = byCode.get(code)
    if (known === undefined) byCode.set(code, { text, keys: [key] })
    else known.keys.push(key)
  }
  const notes = [...entry.notes.values()].map(({ code, text, keys }) => ({ probe, ports: textOf(keys), code, text }))
  return [...[...byCode].map(([code, { text, keys }]) => ({ probe, ports: textOf(keys), code, text })), ...notes]
}

type Ports = Readonly<Record<Proto, PortSet>>

/** One line for the ports on which everything was asked, and one for each other set of signatures. */
function ledgerLines(line: Omit<Extract<Line, { type: 'covered' }>, 'ports' | 'signatures'>, ports: Ports, asked: Entry['asked']): Line[] {
  const groups = new Map<string, { signatures: number[]; keys: string[] }>()
  for (const [key, set] of asked) {
    if (!hasPort(ports[key.startsWith('udp') ? 'udp' : 'tcp'], Number(key.slice(4)))) continue
    const signatures = [...set].sort((a, b) => a - b)
    const group = groups.get(signatures.join()) ?? { signatures, keys: [] }
    group.keys.push(key)
    groups.set(signatures.join(), group)
  }
  const whole = textOfPorts(lessPorts(ports, [...asked.keys()]))
  const parts = [...groups.values()].map(({ signatures, keys }): Line => ({ ...line, ports: textOf(keys), signatures }))
  return whole === '' ? parts : [{ ...line, ports: whole }, ...parts]
}

function textOf(keys: Iterable<string>): string {
  const list = [...keys]
  return formatProtoPorts({ tcp: portsOf(numbers(list, 'tcp')), udp: portsOf(numbers(list, 'udp')) })
}

function walkedPorts(entry: Entry): Ports {
  return lessPorts(portsIn([...entry.tested]), [...entry.failed.keys()])
}

/**
 * A probe that reacts is covered on a port that gave a conclusive answer, where its own looks all ended well, and where it was never
 * called, if nothing else failed there: a closed port has no web page, but a port whose service stayed unknown may have.
 */
function reactedPorts(conclusive: Ports, troubled: ReadonlySet<string>): (entry: Entry) => Ports {
  // Of a hundred probes nearly all come out alike.
  const before = new Map<string, Ports>()
  return (entry) => {
    const doubtful = [...troubled].filter((key) => entry.failed.has(key) || !entry.looked.has(key))
    const key = doubtful.join()
    const ports = before.get(key) ?? lessPorts(conclusive, doubtful)
    before.set(key, ports)
    return ports
  }
}

/** Sets worked out last, since most hosts of a scan come out alike; and what is short enough to be kept for that. */
const mostKept = 64
const longestKept = 16_384
const kept = new Map<string, Ports>()
const rests = new WeakMap<Ports, Map<string, Ports>>()
const texts = new WeakMap<Ports, string>()

function portsIn(tested: readonly string[]): Ports {
  return remembered(kept, tested.join(' '), () => {
    const sets = tested.map((text) => parseProtoPorts(text))
    return { tcp: joinPorts(sets.map(({ tcp }) => tcp)), udp: joinPorts(sets.map(({ udp }) => udp)) }
  })
}

function lessPorts(ports: Ports, holes: readonly string[]): Ports {
  if (holes.length === 0) return ports
  const own = rests.get(ports) ?? new Map<string, Ports>()
  rests.set(ports, own)
  return remembered(own, holes.join(), () => ({ tcp: withoutPorts(ports.tcp, numbers(holes, 'tcp')), udp: withoutPorts(ports.udp, numbers(holes, 'udp')) }))
}

function remembered(known: Map<string, Ports>, key: string, make: () => Ports): Ports {
  const before = known.get(key)
  if (before !== undefined) return before
  const ports = make()
  if (key.length > longestKept) return ports
  if (known.size >= mostKept) known.clear()
  known.set(key, ports)
  return ports
}

/** Thousands of ports in words. */
function textOfPorts(ports: Ports): string {
  const before = texts.get(ports)
  if (before !== undefined) return before
  const text = formatProtoPorts(ports)
  texts.set(ports, text)
  return text
}
