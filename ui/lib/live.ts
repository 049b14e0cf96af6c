import { useEffect, useEffectEvent, useSyncExternalStore } from 'react'
import { queryClient } from './query-client.ts'

/**
 * One stream of hints for the whole tab (src/api/events.ts). A hint names a topic, `scan.progress`; its first word is the
 * subject of the queries it makes stale. After a gap the platform says `refetch` and everything is read again.
 */
type Hear = (topic: string, data: Readonly<Record<string, unknown>>) => void

const topics = [
  'scan.progress', 'scan.changed', 'scan.ended', 'scan.scheduled', 'finding.changed', 'asset.changed', 'report.changed', 'scanner.changed', 'schedule.changed', 'kb.changed', 'kb.swapped', 'kb.applied',
]
/** What else a hint of one subject makes stale. */
const also: Readonly<Record<string, readonly string[]>> = { finding: ['asset', 'dashboard', 'kb'], scan: ['schedule', 'scanner'], kb: ['finding', 'asset', 'dashboard', 'list'] }
const listeners = new Set<Hear>()
const watchers = new Set<() => void>()
let source: EventSource | null = null
let connected = false
let pending: ReturnType<typeof setTimeout> | null = null
const stale = new Set<string>()

function setConnected(value: boolean): void {
  if (connected === value) return
  connected = value
  for (const tell of watchers) tell()
}

/** Hints come in bursts while a scan runs: lists are read again at most once a second. */
function markStale(subject: string): void {
  stale.add(subject)
  pending ??= setTimeout(() => {
    pending = null
    const subjects = [...stale]
    stale.clear()
    for (const subject of subjects) void queryClient.invalidateQueries({ queryKey: [subject] })
  }, 1000)
}

export function openLive(): void {
  if (source !== null) return
  source = new EventSource('/api/v1/events')
  let wasLost = false
  const greeted = (isGap: boolean): void => {
    setConnected(true)
    if (isGap || wasLost) void queryClient.invalidateQueries()
    wasLost = false
  }
  source.addEventListener('hello', () => greeted(false))
  source.addEventListener('refetch', () => greeted(true))
  for (const topic of topics) {
    source.addEventListener(topic, (event) => {
      let data: Record<string, unknown> = {}
      try {
        data = JSON.parse((event as MessageEvent<string>).data) as Record<string, unknown>
      } catch {
        // A hint without readable data is still a hint.
      }
      const subject = topic.split('.')[0]!
      for (const one of [subject, ...(also[subject] ?? [])]) markStale(one)
      for (const hear of listeners) hear(topic, data)
    })
  }
  source.addEventListener('error', () => {
    wasLost = true
    setConnected(false)
  })
}

export function closeLive(): void {
  source?.close()
  source = null
  setConnected(false)
}

export function useLiveConnected(): boolean {
  return useSyncExternalStore(
    (tell) => {
      watchers.add(tell)
      return () => watchers.delete(tell)
    },
    () => connected,
  )
}

/** Hears every hint whose topic begins with `prefix`. */
export function useLive(prefix: string, hear: Hear): void {
  const heard = useEffectEvent(hear)
  useEffect(() => {
    const listen: Hear = (topic, data) => {
      if (topic === prefix || topic.startsWith(`${prefix}.`)) heard(topic, data)
    }
    listeners.add(listen)
    return () => void listeners.delete(listen)
  }, [prefix])
}
