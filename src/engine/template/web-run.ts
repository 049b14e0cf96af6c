import { randomBytes } from 'node:crypto'
import type { Observation } from '#core/observation.ts'
import type { Proof } from '#core/proof.ts'
import { allows } from '#core/effect.ts'
import type { Plan } from '#core/template/plan.ts'
import { failed } from '../net.ts'
import { openHttpSession } from '../http/session.ts'
import type { HttpExchange } from '../http/wire.ts'
import { titleOf } from '../http/page.ts'
import type { Sight, Tools } from '../probe.ts'
import { catalogueOf, type Catalogue, type Entry } from './choose/catalogue.ts'
import { firstWave, fittingWave, genericWave, wholeWave } from './choose/choose.ts'
import { evidenceOf, headerText, type Evidence } from './choose/evidence.ts'
import { seenOf } from './choose/sought.ts'
import { familiesMost, familyOf } from './choose/family.ts'
import { controlled, controlWords } from './control.ts'
import { openDoor, type Doorway } from './door.ts'
import { storeOf } from './exchange-cache.ts'
import { iconHash, iconPath } from './icon.ts'
import type { TemplateLibrary } from './library.ts'
import { adaptivePace } from './pace.ts'
import { evidenceFor, extractedOf, proofOf } from './proof.ts'
import { runPlan } from './run/run-plan.ts'
import { webRootOf } from './run/web-root.ts'
import { openWire } from './block/wire.ts'

/** Templates under way at once against one web root; most of them wait for the same few answers. */
const sideBySide = 24
const fittingMost = 3000
const allMost = 40_000
/** Requests for templates that are about nothing in particular, where only what fits is sent. */
const genericMost = 300
/** Pages that are looked at for what the server may be. */
const pagesMost = 30

type Match = Extract<Sight, { kind: 'match' }>
/** `requests`: what each wave really sent, for measuring. */
export type WaveCount = Readonly<{ wave: string; templates: number; requests: number }>

/** Runs the templates that suit one web root, wave after wave, and tells what they found. */
export async function* runWebRoot(seen: Observation<'http'>, library: TemplateLibrary, tools: Tools, signal: AbortSignal, count?: (wave: WaveCount) => void): AsyncGenerator<Sight> {
  const { profile } = tools
  const root = webRootOf(seen.at, seen.data.tls, tools.names[0])
  const catalogue = catalogueOf(library)
  const evidence = evidenceOf(catalogue)
  evidence.page({ title: seen.data.title, header: headerText(seen.data.headers), body: seen.data.body })
  const budget = { left: profile.templateRequests ?? (profile.templates === 'all' ? allMost : fittingMost), sent: 0 }
  const session = openHttpSession(seen.at, seen.data.tls, tools)
  const ended = new AbortController()
  const way: Doorway = {
    session, host: tools.names[0] ?? root.address, cache: storeOf(library).open(), seen: seenOf(library), callbacks: tools.callbacks, wait: profile.limits.answer,
    pace: adaptivePace(Math.max(1, Math.floor(profile.pace.perHost / 4))),
    signal: AbortSignal.any([signal, ended.signal]),
    spend() {
      if (budget.left <= 0) return false
      budget.left -= 1
      budget.sent += 1
      return true
    },
  }
  const wire = openWire({ at: { ...root.at }, tls: root.tls, service: 'http', tools, signal: way.signal })
  const done = new Set<number>()
  const matches: Match[] = []
  const families = new Set<string>()
  // Chance, unless a proof tells what it chose.
  const control = tools.variables?.['control'] ?? randomBytes(24).toString('hex')
  const seed = Number(tools.variables?.['seed'])
  const words = controlWords(control)
  const left = { unbelieved: 0, elsewhere: 0, failed: 0, why: '' }
  const learnt = new Set<string>()
  let pages = 0

  const allowed = (entry: Entry): boolean => !done.has(entry.place) && allows(profile, entry.effect) && (entry.effect !== 'login' || profile.defaults) && (!entry.callback || tools.callbacks !== null)

  async function look(plan: Plan): Promise<boolean> {
    const door = openDoor(way, plan.effect)
    const ran = await runPlan(plan, root, { door, callbacks: tools.callbacks, wire, ...(Number.isSafeInteger(seed) ? { seed } : {}) })
    learnPages(ran.steps.map(({ answer }) => answer))
    for (const found of ran.found.slice(0, 50)) {
      const verdict = await controlled(found, plan, door, words)
      if (!verdict.believed) {
        left.unbelieved += 1
        continue
      }
      learnNames(plan, found.matcher)
      const proof: Proof = proofOf(plan, library.digest, found, verdict, { ...ran.variables, control })
      const shown = evidenceFor(found)
      matches.push({ kind: 'match', at: root.at, data: { template: plan.id, ...(found.matcher === undefined ? {} : { matcher: found.matcher }), extracted: extractedOf(found) }, ...(shown === undefined ? {} : { evidence: shown }), proof })
      const family = familyOf(plan)
      if (family !== null) families.add(family)
    }
    const trouble = ran.troubles.find((one) => one.failed !== 'protocol') ?? ran.troubles[0]
    if (trouble?.text.startsWith('elsewhere') === true) left.elsewhere += 1
    else if (trouble !== undefined) {
      left.failed += 1
      left.why = `${plan.id}: ${trouble.text}`
    }
    // A template that sent nothing looked at nothing.
    return trouble === undefined && ran.steps.length + ran.talks.length > 0
  }

  function learnPages(answers: readonly HttpExchange[]): void {
    for (const answer of answers) {
      if (pages >= pagesMost || answer.status >= 400 || answer.target.length > 60 || learnt.has(answer.target)) continue
      pages += 1
      learnt.add(answer.target)
      evidence.page({ title: titleOf(answer.text()), header: answer.head, body: answer.text().slice(0, 65_536) })
    }
  }

  function learnNames(plan: Plan, matcher: string | undefined): void {
    if (matcher !== undefined) evidence.name(matcher)
    for (const tag of plan.tags) evidence.name(tag)
    const [first] = plan.fits.filter((fit) => fit.in === 'name')
    if (first !== undefined && plan.fits.length > 0) evidence.name(first.is)
  }

  async function* wave(name: string, entries: readonly Entry[]): AsyncGenerator<Sight> {
    const before = budget.sent
    const asked: number[] = []
    const queue = entries.filter((entry) => !done.has(entry.place))
    for (const entry of queue) done.add(entry.place)
    let at = 0
    const work = async (): Promise<void> => {
      while (at < queue.length && !way.signal.aborted && families.size <= familiesMost) {
        const entry = queue[at++]!
        if (await look(library.plan(entry.place))) asked.push(entry.check)
      }
    }
    try {
      await Promise.all(Array.from({ length: Math.min(sideBySide, queue.length) }, work))
    } catch (error) {
      ended.abort()
      throw error
    }
    signal.throwIfAborted()
    count?.({ wave: name, templates: queue.length, requests: budget.sent - before })
    if (families.size <= familiesMost && asked.length > 0) yield { kind: 'asked', at: root.at, signatures: asked.sort((a, b) => a - b) }
  }

  try {
    yield { kind: 'asked', at: root.at, signatures: [] }
    yield* waves()
    if (families.size > familiesMost) {
      yield { kind: 'noted', at: root.at, code: 'honeypot', text: `it answers as ${[...families].slice(0, 6).join(', ')} and ${families.size - 6} products more, which no server is: nothing it says is believed` }
      return
    }
    yield* matches
    yield* notes()
  } finally {
    ended.abort()
    way.cache.close()
    session.close()
  }

  async function* waves(): AsyncGenerator<Sight> {
    const openChecks = tools.open
    if (profile.templates === 'all') {
      yield* wave('all', wholeWave(catalogue, allowed))
      return
    }
    await learnIcon()
    yield* wave('root page and icon', firstWave(catalogue, allowed))
    // What a product's own template tells may name the next one.
    for (let round = 1; round <= 3; round++) {
      const fitting = fittingWave(catalogue, evidence.fits(), openChecks, allowed)
      if (fitting.length === 0) break
      yield* wave(round === 1 ? 'fitting' : `fitting, round ${round}`, fitting)
    }
    const { chosen, left: unsent } = genericWave(catalogue, Math.min(genericMost, budget.left), allowed, new Set())
    yield* wave('for everybody', chosen)
    if (unsent.length > 0) yield { kind: 'noted', at: root.at, code: 'unsent', text: `${unsent.length} templates for no product in particular were left out: a scan with all templates sends them` }
  }

  async function learnIcon(): Promise<void> {
    const door = openDoor(way, 'harmless')
    for (const target of new Set(['/favicon.ico', iconPath(seen.data.body, root)])) {
      if (target === null) continue
      const answer = await door.http({ method: 'GET', target, headers: [['Accept', '*/*'], ['Accept-Language', 'en']], bodyMost: iconMost }, true)
      if (!failed(answer) && answer.status === 200 && answer.body.length > 0) evidence.icon(iconHash(answer.body))
    }
  }

  function* notes(): Generator<Sight> {
    const note = (code: string, text: string): Sight => ({ kind: 'noted', at: root.at, code, text })
    const unsent = (effect: Entry['effect']): number => catalogue.entries.filter((entry) => entry.effect === effect && !allows(profile, effect)).length
    const [intrusive, dos] = [unsent('intrusive'), unsent('dos')]
    if (intrusive > 0) yield note('intrusive', `${intrusive} templates that may leave something behind or disturb were not sent`)
    if (dos > 0) yield note('dos', `${dos} templates that are meant to deny service are never sent`)
    const calls = tools.callbacks === null ? catalogue.entries.filter((entry) => entry.callback).length : 0
    if (calls > 0) yield note('callbacks', `${calls} templates need the listener that targets call back, and none runs`)
    if (left.unbelieved > 0) yield note('control', `${left.unbelieved} matches were not believed: a path that nobody has gave an answer that matched as well`)
    if (left.elsewhere > 0) yield note('elsewhere', `${left.elsewhere} templates ask other hosts or ports than this one, and were not sent`)
    if (left.failed > 0) yield note('unanswered', `${left.failed} templates were not run to their end; the last: ${left.why}`.slice(0, 400))
    if (budget.left <= 0) yield note('budget', 'the requests for this web server were used up')
  }
}

const iconMost = 4 * 1024 * 1024
export type { Catalogue, Evidence }
