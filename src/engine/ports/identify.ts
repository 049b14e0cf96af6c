import type { Observation, Shapes } from '#core/observation.ts'
import type { Place } from '#core/place.ts'
import { failed, type Connection, type Failure } from '../net.ts'
import { printable } from '../net/transcript.ts'
import { Unseen, type Probe, type Sight, type Tools } from '../probe.ts'
import { isAllowed, leftOut, type Service, type Sighting } from '../service.ts'
import { targetOf, tlsNames, type Heard } from '../target.ts'
import { speaksTls } from '../tls/hello.ts'
import { unheard } from './heard.ts'

/** How long to listen for a service that talks first; twice as long where the port belongs to one. */
const listen = 1000
const greetingMost = 4096
/** Ms before the next guess is made while one still waits, and guesses that may wait at once. */
const patience = 500
const together = 3
/** A host with this many ports that say nothing to any guess is a trap or a wall: at its further ports a guess gets this many ms, as it pays nowhere else. */
const muteMost = 8
const muteAnswer = 1000

type OwnTarget = ReturnType<typeof targetOf>
type Look = { readonly target: OwnTarget; found: Found | null; over: boolean; result: Promise<Found | null> }

/** It waits for us to speak; one that may be guessed does, even if it greets at times (Redis in protected mode). */
function waits(service: Service): boolean {
  return service.greets === undefined || service.guess !== undefined
}

function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time))
}

type Found = Readonly<{ service: Service; sighting: Sighting; tls: boolean; greeting: Uint8Array }>
/** `tls`: whether it answered a hello, once that is known. */
type Knowledge = { greeting: Uint8Array | null; lost: Unseen | null; tls: boolean | null }

/** The probe `service`: finds out who listens on an open TCP port, by asking the registered services in the order of docs/new-probe.md. */
export function identifyWith(all: readonly Service[]): Probe<'port'> {
  // Goes with the host.
  const mute = new WeakMap<object, number>()
  return {
    id: 'service',
    version: 1,
    on: 'port',
    effect: 'harmless',
    needs: {},
    wants: (seen: Observation<'port'>) => seen.data.state === 'open' && seen.at.proto === 'tcp',
    async *run(seen, tools, signal) {
      const { at } = seen
      const knowledge: Knowledge = { greeting: null, lost: null, tls: null }
      const services = all.filter((service) => isAllowed(service, tools.profile))
      // Whose port it is and who may not be asked: what is said of the port then is not all that could be.
      for (const { name } of all.filter((one) => one.ports.includes(at.port!) && !services.includes(one))) yield { kind: 'noted', at, code: 'profile', text: `${name} was not asked: the profile leaves it out` }
      const mutes = mute.get(tools.host) ?? 0
      const found = await identify(services, at, tools, signal, knowledge, mutes < muteMost ? null : muteAnswer)
      if (found !== null) {
        yield sightOf(found, at)
        const note = leftOut(found.service, tools.profile)
        if (note !== null) yield { kind: 'noted', at, ...note }
        const { incomplete } = found.sighting
        if (incomplete !== undefined) throw new Unseen(incomplete.code, incomplete.text)
        return
      }
      if (knowledge.lost !== null) throw knowledge.lost
      const tls = knowledge.tls ?? (await handshake(at, tools))
      const greeting = knowledge.greeting ?? new Uint8Array()
      if (tls || greeting.length > 0) {
        const banner = greeting.length > 0 ? { banner: printable(greeting, 1024) } : {}
        yield { kind: 'service', at, data: { name: 'unknown', tls, ...banner, facts: {} }, ...(greeting.length > 0 ? { evidence: { sent: '', received: printable(greeting) } } : {}) }
        return
      }
      yield { kind: 'service', at, data: { name: 'unknown', tls: false, facts: {} } }
      mute.set(tools.host, (mute.get(tools.host) ?? 0) + 1)
      // It may be a known service that hangs: nothing may be closed because of its silence.
      throw new Unseen('unidentified', 'the port is open, and what listens there answered nothing that we know')
    },
  }
}

async function identify(services: readonly Service[], at: Place, tools: Tools, signal: AbortSignal, knowledge: Knowledge, hurry: number | null): Promise<Found | null> {
  const port = at.port!
  const asked = new Set<Service>()

  async function lookWith(service: Service, target: OwnTarget): Promise<Found | null> {
    signal.throwIfAborted()
    try {
      const sighting = await service.look(target)
      return sighting === null ? null : { service, sighting, tls: target.tls, greeting: target.greeting }
    } catch (error) {
      if (!(error instanceof Unseen)) throw error
      // Another candidate may fare better; but if none does, nothing is known of this port.
      if (error.code !== 'tls') knowledge.lost = error
      if (error.code === 'budget' || error.code === 'aborted') throw error
      return null
    } finally {
      target.close()
    }
  }

  /** `heard`: a connection on which that greeting came, for the first that opens one. */
  async function askAll(candidates: readonly Service[], tls: boolean, greeting: Uint8Array, heard?: Heard): Promise<Found | null> {
    for (const service of candidates) {
      if (asked.has(service)) continue
      asked.add(service)
      const found = await lookWith(service, targetOf(at, tls, greeting, tools, signal, heard))
      if (found !== null) return found
    }
    return null
  }

  /**
   * Asks one after the other, but does not wait long for a port that lets each of them wait: the next is asked meanwhile. Where two would know it, the
   * one that was asked first counts.
   */
  async function guess(candidates: readonly Service[], tls: boolean, greeting: Uint8Array): Promise<Found | null> {
    const looks: Look[] = []
    try {
      for (const service of candidates) {
        if (asked.has(service)) continue
        asked.add(service)
        const target = targetOf(at, tls, greeting, tools, signal)
        const look: Look = { target, found: null, over: false, result: lookWith(service, target) }
        const timer = hurry === null ? undefined : setTimeout(() => target.close(), hurry)
        look.result = look.result.finally(() => {
          clearTimeout(timer)
          look.over = true
        }).then((found) => (look.found = found))
        // Whoever waits for it hears of the error; until then it is not lost.
        look.result.catch(() => {})
        looks.push(look)
        const running = looks.filter((each) => !each.over)
        await (running.length < together ? Promise.race([look.result, pause(patience)]) : Promise.race(running.map((each) => each.result)))
        const found = looks.find((each) => each.found !== null)
        if (found !== undefined) return found.found
      }
      for (const look of looks) {
        const found = await look.result
        if (found !== null) return found
      }
      return null
    } finally {
      for (const look of looks) look.target.close()
      await Promise.allSettled(looks.map((look) => look.result))
    }
  }

  // What a fragile device does with a message of another protocol, nobody knows.
  const guesses = tools.profile.fragile === true ? [] : services.filter((service) => service.guess !== undefined).sort((a, b) => a.guess! - b.guess!)

  async function inTls(): Promise<Found | null> {
    asked.clear()
    const own = services.filter((service) => service.tlsPorts?.includes(port) === true)
    const silent = await askAll(own.filter(waits), true, new Uint8Array())
    if (silent !== null) return silent
    const heard = await hear(at, tools, true, listen)
    if (failed(heard)) return null
    const { greeting } = heard
    try {
      return (
        (await askAll(services.filter((service) => greeting.length > 0 && service.greets?.(greeting) === true), true, greeting, heard)) ??
        (await askAll(own, true, greeting, heard)) ??
        (greeting.length > 0 ? null : await guess(guesses, true, greeting))
      )
    } finally {
      heard.take()?.close()
    }
  }

  const hinted = services.filter((service) => service.ports.includes(port))
  // A port that is usual for both is first asked in the clear: who waits for a hello there lets us wait.
  const tlsFirst = hinted.length === 0 && services.some((service) => service.tlsPorts?.includes(port) === true)
  if (tlsFirst) {
    knowledge.tls = await handshake(at, tools)
    if (knowledge.tls) return inTls()
  }
  const bySilence = await askAll(hinted.filter(waits), false, new Uint8Array())
  if (bySilence !== null) return bySilence
  const heard = await hear(at, tools, false, hinted.some((service) => !waits(service)) ? listen * 2 : listen)
  if (failed(heard)) {
    knowledge.lost = new Unseen(heard.failed, heard.text)
    return null
  }
  const { greeting } = heard
  knowledge.greeting = greeting
  try {
    const byGreeting = greeting.length === 0 ? null : await askAll(services.filter((service) => service.greets?.(greeting) === true), false, greeting, heard)
    const known = byGreeting ?? (await askAll(hinted, false, greeting, heard))
    if (known !== null) return known
  } finally {
    heard.take()?.close()
  }
  // Something that greeted by itself is not HTTP or TLS; guessing at it would only disturb it.
  if (greeting.length > 0) return null
  // A port that speaks TLS answers every guess in the clear with an alert: one handshake saves them all.
  knowledge.tls ??= await handshake(at, tools)
  if (knowledge.tls) return inTls()
  return guess(guesses, false, greeting)
}

/** What the port says by itself. Empty: nothing in that time, or it closed at once. Where it greeted and waits, whoever knows the greeting goes on over the same connection. */
async function hear(at: Place, tools: Tools, tls: boolean, time: number): Promise<(Heard & { greeting: Uint8Array }) | Failure> {
  const connection = await tools.net.connect({ address: at.address, port: at.port! }, tls ? { tls: tlsNames(tools) } : {})
  if (failed(connection)) return connection
  const heard = await connection.read({ timeout: Math.min(time, tools.profile.limits.answer), most: greetingMost })
  // Where one connection may be open, it would stand in the way of who opens another.
  if (!failed(heard) && heard.bytes.length > 0 && !heard.ended && tools.profile.fragile !== true) {
    let open: Connection | null = unheard(connection, heard.bytes)
    return {
      greeting: heard.bytes,
      take() {
        const taken = open
        open = null
        return taken
      },
    }
  }
  connection.close()
  if (failed(heard) && (heard.failed === 'budget' || heard.failed === 'aborted')) return heard
  return { greeting: failed(heard) ? new Uint8Array() : heard.bytes, take: () => null }
}

/** Whether the port answers a ClientHello, be it with an alert: a server of old TLS alone must not pass for a silent one. */
async function handshake(at: Place, tools: Tools): Promise<boolean> {
  return speaksTls({ address: at.address, port: at.port! }, tools)
}

function sightOf({ service, sighting, tls, greeting }: Found, at: Place): Sight {
  const { name, facts, evidence, incomplete: _, banner, ...rest } = sighting
  const data: Shapes['service'] = {
    name: name ?? service.name,
    ...rest,
    tls,
    ...(banner !== undefined ? { banner: banner.slice(0, 1024) } : greeting.length > 0 ? { banner: printable(greeting, 1024) } : {}),
    facts: facts ?? {},
  }
  return { kind: 'service', at, data, ...(evidence === undefined ? {} : { evidence }) }
}
