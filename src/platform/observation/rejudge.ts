import { newId } from '#store/id.ts'
import type { Store, Tx } from '#store/store.ts'
import { inCompany } from '../finding/range-detection.ts'
import type { KnowledgeHolder } from '../kb/holder.ts'
import type { Knowledge } from '../kb/knowledge.ts'
import { firstRange } from '../kb/range-check.ts'
import { publish } from '../live.ts'
import { advanceRun, beginRun, endRun, failRun, readApplied, standings, type AppliedRow } from './applied.ts'
import { openChanges, type Change, type ChangeReader } from './change.ts'
import { softwareOf } from './inventory.ts'
import { rejudgeHosts } from './rejudge-hosts.ts'

const hostsAtOnce = 200
/** Hosts that are looked over at once for those that what changed speaks of. */
const widest = 4000
/** More software than that is not named one by one. */
const mostWanted = 50_000
const softwareAtOnce = 5000
const first = '00000000-0000-0000-0000-000000000000'

export type RejudgeOptions = Readonly<{
  store: Store
  knowledge: KnowledgeHolder
  /** The folder of the KnowledgeBase's releases. */
  folder: string | null
  now?: () => number
  onError?: (error: unknown) => void
  /** Share of the time in which it rests, so that requests stay quick: 1 is as long as it works. */
  rest?: number
  /** How often it looks for organisations that came since. */
  everyMs?: number
  /** Called when organisations have findings that they had not: of checks, perhaps, that nobody had findings of before. */
  found?: () => void
}>

export type Rejudge = Readonly<{
  /** Resolves when every organisation is judged by what is in force now, or could not be. */
  settled(): Promise<void>
  stop(): Promise<void>
}>

/**
 * Applies what is in force to what is stored of every organisation's hosts: begun by a swap and by the start of the program, a batch of each organisation in turn. How far
 * it is lies in the database, written with each batch: killed anywhere it goes on where it was; another swap begins it again from what was applied to the end. One node at
 * a time works on an organisation. No packet is sent.
 */
export function startRejudge(options: RejudgeOptions): Rejudge {
  const { store, knowledge, onError = () => {}, rest = 0.25 } = options
  const now = options.now ?? Date.now
  const changes = openChanges(options.folder)
  const stopping = new AbortController()
  let wanted = true
  let turn: Promise<void> = Promise.resolve()
  let isRunning = false

  const wake = (): void => {
    wanted = true
    if (isRunning || stopping.signal.aborted) return
    isRunning = true
    turn = run().catch(onError).finally(() => {
      isRunning = false
      if (wanted && !stopping.signal.aborted) wake()
    })
  }

  async function run(): Promise<void> {
    while (wanted && !stopping.signal.aborted) {
      wanted = false
      const inForce = knowledge.inForce()
      const all = await standings(store)
      const days = new Set(all.flatMap((one) => (one.started === null ? [] : [dayOf(one.started.getTime())])))
      const due = new Map(await Promise.all([...days].map(async (day) => [day, (await endedSince(inForce.general, day, now())).checks.size > 0] as const)))
      let waiting = all.filter((one) => one.state !== 'done' || one.content !== knowledge.of(one.tenant).release || one.root !== (inForce.current?.root ?? '')
        || (one.started !== null && due.get(dayOf(one.started.getTime())) === true)).map((one) => one.tenant)
      const contexts: Contexts = new Map()
      let found = false
      // A batch of each in turn, so that a large organisation holds up no small one.
      while (waiting.length > 0 && !stopping.signal.aborted && !wanted) {
        const left: string[] = []
        for (const tenant of waiting) {
          if (stopping.signal.aborted || wanted) break
          const begun = performance.now()
          try {
            const went = await step(store, knowledge, changes, tenant, contexts, now)
            if (went.more) left.push(tenant)
            found ||= went.fresh > 0
          } catch (error) {
            onError(error)
            const problem = (error instanceof Error ? error.message : String(error)).slice(0, 400)
            await store.write(tenant, (tx) => failRun(tx, problem)).catch(onError)
          }
          // Where another node is at work, there is nothing to do but to look again.
          await pause(Math.max(2, (performance.now() - begun) * rest), stopping.signal)
        }
        waiting = left
      }
      if (found) options.found?.()
    }
  }

  knowledge.heard(wake)
  const timer = setInterval(wake, options.everyMs ?? 3_600_000).unref()
  wake()
  return {
    async settled() {
      while (isRunning || wanted) {
        if (stopping.signal.aborted) return
        await turn
      }
    },
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await turn
    },
  }
}

/** What a run needs of an organisation again in each batch. */
type Context = Readonly<{ run: string; change: Change; wanted: readonly string[] | null }> & { width: number }
type Contexts = Map<string, Context>

/** One batch of one organisation; whether there is more, and how many findings came of it. */
async function step(store: Store, holder: KnowledgeHolder, changes: ChangeReader, tenant: string, contexts: Contexts, now: () => number): Promise<Readonly<{ more: boolean; fresh: number }>> {
  const inForce = holder.inForce()
  const line = holder.lineOf(tenant)
  const knowledge = holder.ofLine(line)
  const [release, root] = [inForce.current?.number ?? 0, inForce.current?.root ?? '']
  const row = await store.read(tenant, readApplied)
  const fits = row !== null && row.content === knowledge.release && row.root === root && row.release === release
  const since = row === null ? null : dayOf(row.started_at.getTime())
  if (fits && row.state === 'done' && (await endedSince(knowledge, since!, now())).checks.size === 0) return { more: false, fresh: 0 }
  let context = fits && row.state === 'running' ? contexts.get(tenant) : undefined
  if (context === undefined || context.run !== row?.run) {
    const before = row === null || row.before_rules === null ? null : { release: row.before_release ?? 0, root: row.before_root ?? '', rules: row.before_rules }
    // A run that was cut short may have been one for the passing of days: from when, nobody knows any more.
    const change = withEnded(await changes(before, inForce, line), await endedSince(knowledge, row?.state === 'done' ? since! : '', now()))
    const wanted = change.ranges === 'all' ? await softwareWithHits(store, tenant, knowledge) : await store.read(tenant, (tx) => softwareInQuestion(tx, change))
    // Cut short before: it goes on where it was.
    const goesOn = fits && (row.state === 'running' || row.state === 'failed')
    context = { run: goesOn ? row.run : newId(now()), change, wanted, width: hostsAtOnce }
    contexts.set(tenant, context)
    const { run } = context
    await store.write(tenant, async (tx) => {
      const hosts = await countHosts(tx)
      if (goesOn) await tx.sql`update kb_applied set state = 'running', problem = null where tenant_id = ${tenant}`
      else {
        const vulnerabilities = change.ranges === 'all' ? null : change.ranges === 'none' ? 0 : change.ranges.checks.size
        await beginRun(tx, { content: knowledge.release, release, root, run, before, hosts, signatures: change.signatures.size + change.withdrawn.size, vulnerabilities }, new Date(now()))
        await tell(tx, { state: 'running', hosts, done: 0, fresh: 0, retracted: 0 })
      }
    })
  }
  const here = context
  const { change, wanted, run } = here
  const rules = inForce.rules[line]
  return store.write(tenant, async (tx) => {
    const state = await lockRun(tx, run)
    // Another node has it, or began another run.
    if (state === null) return { more: true, fresh: 0 }
    const walk = await hostsAfter(tx, state.position ?? first, here.width)
    if (walk.length === 0) {
      await endRun(tx, rules, new Date(now()))
      await tell(tx, { ...state, state: 'done', done: state.hosts })
      return { more: false, fresh: 0 }
    }
    const all = await inQuestion(tx, change, wanted, walk)
    const hosts = all.slice(0, hostsAtOnce)
    // Where few of many are spoken of, more are looked over at once.
    here.width = all.length > hostsAtOnce ? Math.max(hostsAtOnce, here.width / 2) : all.length < hostsAtOnce / 4 ? Math.min(widest, here.width * 2) : here.width
    const end = all.length > hosts.length ? hosts.at(-1)! : walk.at(-1)!
    const walked = walk.findIndex((id) => id === end) + 1
    const made = await rejudgeHosts(tx, { knowledge, change, wanted, run }, hosts, now())
    await advanceRun(tx, end, { hosts: walked, ...made })
    await tell(tx, { ...state, done: state.done + walked, fresh: state.fresh + made.fresh, retracted: state.retracted + made.retracted })
    return { more: true, fresh: made.fresh + made.reopened }
  })
}

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10)

/** Life cycles of which something ended by the passing of days alone, since a day on which all was judged. */
async function endedSince({ ranges }: Knowledge, since: string, now: number): Promise<Readonly<{ checks: ReadonlySet<number>; keys: ReadonlySet<string> }>> {
  const today = dayOf(now)
  return ranges === null || since >= today ? { checks: new Set(), keys: new Set() } : (await ranges.lifecycles()).endedBetween(since, today)
}

function withEnded(change: Change, ended: Awaited<ReturnType<typeof endedSince>>): Change {
  const { ranges } = change
  if (ranges === 'all' || ended.checks.size === 0) return change
  const before = ranges === 'none' ? { checks: new Set<number>(), keys: new Set<string>(), libraries: false } : ranges
  return { ...change, ranges: { checks: new Set([...before.checks, ...ended.checks]), keys: new Set([...before.keys, ...ended.keys]), libraries: before.libraries } }
}

/** The row of this very run, if no other node is at it. */
async function lockRun(tx: Tx, run: string): Promise<AppliedRow | null> {
  const [lock] = await tx.sql<{ mine: boolean }[]>`select pg_try_advisory_xact_lock(7303, hashtext(${tx.tenant})) as mine`
  if (!lock!.mine) return null
  const row = await readApplied(tx)
  return row?.run === run && row.state === 'running' ? row : null
}

async function tell(tx: Tx, { state, hosts, done, fresh, retracted }: Pick<AppliedRow, 'state' | 'hosts' | 'done' | 'fresh' | 'retracted'>): Promise<void> {
  await publish(tx, 'kb.applied', { state, hosts, done, new: fresh, retracted })
}

/**
 * When everything is judged anew: ids of what has hits now, of what may have some in company, and of what has findings. Each piece of software is compared once, however
 * many hosts have it, so that hosts need not be read whole. Null when it is too much to be named.
 */
async function softwareWithHits(store: Store, tenant: string, knowledge: Knowledge): Promise<readonly string[] | null> {
  const { ranges } = knowledge
  if (ranges === null) return []
  const wanted = new Set<string>()
  const lifecycles = await ranges.lifecycles()
  const named = await store.read(tenant, ({ sql }) => sql<{ name: string }[]>`
    select distinct split_part(instance, '|', 3) as name from finding where tenant_id = ${tenant} and signature_id >= ${firstRange} and status <> 'fixed'`)
  const held = new Set(named.map((row) => row.name))
  for (let after = '-9223372036854775808'; ; ) {
    const last = after
    const rows = await store.read(tenant, ({ sql }) => sql<(Parameters<typeof softwareOf>[0])[]>`
      select id::text as id, ecosystem, name, version, part, source, source_version, architecture from software where tenant_id = ${tenant} and id > ${last}::bigint order by id limit ${softwareAtOnce}`)
    if (rows.length === 0) return [...wanted]
    after = rows.at(-1)!.id
    const pieces = rows.map((row) => ({ id: row.id, software: softwareOf(row) }))
    const alone = pieces.filter((piece) => !inCompany(piece))
    const found = await ranges.match(alone.map((piece) => ({ pieces: [piece], context: [] })))
    for (const [place, piece] of alone.entries()) if (found[place]!.size > 0 || held.has(piece.software.name) || lifecycles.mayEnd(piece.software)) wanted.add(piece.id)
    for (const piece of pieces) if (inCompany(piece)) wanted.add(piece.id)
    if (wanted.size > mostWanted) return null
  }
}

/** Ids of the organisation's software that the changed ranges speak of; null: all of it. */
async function softwareInQuestion({ sql, tenant }: Tx, { ranges }: Change): Promise<readonly string[] | null> {
  if (ranges === 'all') return null
  if (ranges === 'none' || ranges.keys.size === 0) return []
  const keys = [...ranges.keys]
  const rows = await sql<{ id: string }[]>`
    select id::text as id from software where tenant_id = ${tenant} and name_key = any(${keys}::text[])
    union select id::text from software where tenant_id = ${tenant} and source_key = any(${keys}::text[]) limit ${mostWanted + 1}`
  return rows.length > mostWanted ? null : rows.map((row) => row.id)
}

const hasStored = ({ sql, tenant }: Tx) => sql`(h.observed_at is not null or exists (select from asset_software s where s.tenant_id = ${tenant} and s.asset_id = h.id and s.gone_at is null))`

async function countHosts(tx: Tx): Promise<number> {
  const [row] = await tx.sql<{ n: number }[]>`select count(*)::int as n from asset_host h where h.tenant_id = ${tx.tenant} and ${hasStored(tx)}`
  return row!.n
}

async function hostsAfter(tx: Tx, after: string, most: number): Promise<readonly string[]> {
  const rows = await tx.sql<{ id: string }[]>`select h.id from asset_host h where h.tenant_id = ${tx.tenant} and h.id > ${after}::uuid and ${hasStored(tx)} order by h.id limit ${most}`
  return rows.map((row) => row.id)
}

/** Those of these hosts of which anything stored, or any open finding, is in question. */
async function inQuestion({ sql, tenant }: Tx, change: Change, wanted: readonly string[] | null, hosts: readonly string[]): Promise<readonly string[]> {
  if (change.kinds.length > 0 || change.products || change.ranges === 'all' || (change.ranges !== 'none' && change.ranges.libraries) || wanted === null) return hosts
  const checks = [...change.withdrawn, ...(typeof change.ranges === 'string' ? [] : change.ranges.checks)]
  // Sets are taken apart and joined: comparing each with the whole list is the product of both.
  const rows = await sql<{ id: string }[]>`
    select distinct s.asset_id as id from asset_software s cross join lateral unnest(s.items) as i (id) join unnest(${wanted as string[]}::bigint[]) as w (id) on w.id = i.id
    where s.tenant_id = ${tenant} and s.asset_id = any(${hosts as string[]}::uuid[]) and s.gone_at is null
    union
    select f.asset_id from finding f join unnest(${checks}::int[]) as c (id) on c.id = f.signature_id
    where f.tenant_id = ${tenant} and f.asset_id = any(${hosts as string[]}::uuid[]) and f.status <> 'fixed'`
  const held = new Set(rows.map((row) => row.id))
  return hosts.filter((id) => held.has(id))
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, Math.min(ms, 5000))
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
    if (signal.aborted) done()
  })
}
