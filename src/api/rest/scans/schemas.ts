import { Type, type Static } from 'typebox'

const time = Type.String({ format: 'date-time' })
const uuid = Type.String({ format: 'uuid' })
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) => Type.Union([type, Type.Null()])
const count = Type.Integer({ minimum: 0 })

export const ScanState = Type.Enum(['Queued', 'Loading', 'Running', 'Pausing', 'Paused', 'Canceling', 'Canceled', 'Finished',
  'Error'])
/** `No_Host`: nothing answered. `No_Vuln`: nothing was found. `Not_Tested`: at least one host could not be tested to the end. */
export const ScanSubState = Type.Enum(['No_Host', 'No_Vuln', 'Not_Tested'])
export const ScanKind = Type.Enum(['onDemand', 'scheduled', 'verification'])

/** `POST /scans`. Targets as text, or asset groups, or both; without either the request is refused. */
export const LaunchScan = Type.Object(
  {
    title: Type.Optional(Type.String({ maxLength: 120 })),
    /** Addresses, ranges, CIDR blocks, host names, separated by commas or white space. */
    targets: Type.Optional(Type.String({ maxLength: 2000000 })),
    assetGroupIds: Type.Optional(Type.Array(uuid, { maxItems: 100 })),
    /** Network of the targets; the default network when absent. */
    networkId: Type.Optional(uuid),
    /** Option profile; the default one when absent. */
    profileId: Type.Optional(uuid),
    /** Only this scanner; any of the network when absent. */
    scannerId: Type.Optional(uuid),
    /** 9 is served first. */
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 9 })),
    /** Minutes after which it is paused, to be resumed by hand. */
    pauseAfterMinutes: Type.Optional(Type.Integer({ minimum: 5, maximum: 7199 })),
  },
  { additionalProperties: false },
)

export const DroppedReason = Type.Enum(['notRegistered', 'excluded', 'otherNetwork', 'overLimit', 'unresolved'])
/** A target that is not scanned, and why. Never dropped in silence. */
export const DroppedTarget = Type.Object({
  /** Address, range, block or name as asked for. */
  target: Type.String(),
  reason: DroppedReason,
  /** Addresses in it. */
  count,
  text: Type.String(),
})

const counts = {
  /** Hosts to test. Dead hosts answered nothing; untested ones could not be tested to the end. */
  hostsTotal: count,
  hostsDone: count,
  hostsUp: count,
  hostsDead: count,
  hostsUntested: count,
  /** Open ports, and findings as confirmed or potential detections, seen by this scan so far. */
  portsOpen: count,
  found: count,
  /** Of `found`, by severity 1…5. */
  foundBySeverity: Type.Array(count, { minItems: 5, maxItems: 5 }),
}

export const ScanRow = Type.Object({
  id: uuid,
  /** `scan/1767222000.17` */
  reference: Type.String(),
  title: Type.String(),
  kind: ScanKind,
  state: ScanState,
  subState: orNull(ScanSubState),
  profile: Type.Object({ id: orNull(uuid), name: Type.String() }),
  schedule: orNull(Type.Object({ id: uuid, name: Type.String() })),
  /** Targets as asked for, cut to 200 characters. */
  targets: Type.String(),
  droppedCount: count,
  priority: Type.Integer(),
  ...counts,
  /** 0–100, of hosts done. */
  progress: Type.Number(),
  launchedBy: orNull(Type.Object({ id: uuid, name: Type.String() })),
  createdAt: time,
  startedAt: orNull(time),
  endedAt: orNull(time),
  /** Milliseconds it has run, pauses left out. */
  ranFor: count,
})

export const Scan = Type.Object({
  ...ScanRow.properties,
  network: Type.Object({ id: uuid, name: Type.String() }),
  scanner: orNull(Type.Object({ id: uuid, name: Type.String() })),
  /** Why it stands where it stands: waiting for a scanner, paused by its window, the error. */
  stateText: Type.String(),
  /** Targets as asked for, cut to 20,000 characters. */
  targetsFull: Type.String(),
  /** Cut to the first 500; `droppedCount` counts all. */
  dropped: Type.Array(DroppedTarget),
  /** Hosts a minute over the last minutes, and seconds to go; null until it can be said. */
  hostsPerMinute: orNull(Type.Number()),
  secondsLeft: orNull(count),
  slicesRunning: count,
  slicesWaiting: count,
  scanners: Type.Array(Type.Object({ id: uuid, name: Type.String(), slices: count })),
  lastHeardAt: orNull(time),
  windowEndsAt: orNull(time),
  resumesAt: orNull(time),
  /** A paused scan ends itself then. */
  expiresAt: orNull(time),
  content: Type.String(),
  actions: Type.Object({ pause: Type.Boolean(), resume: Type.Boolean(), cancel: Type.Boolean() }),
})

export const ScanQuery = Type.Object({
  /** `next` of the page before. */
  after: Type.Optional(Type.String({ maxLength: 600 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  state: Type.Optional(ScanState),
  kind: Type.Optional(ScanKind),
  scheduleId: Type.Optional(uuid),
  /** Part of title, reference or targets. */
  text: Type.Optional(Type.String({ maxLength: 200 })),
})
export const ScanList = Type.Object({ items: Type.Array(ScanRow), next: orNull(Type.String()) })
export const ScanParams = Type.Object({ id: Type.String({ maxLength: 64 }) })

export const HostOutcome = Type.Enum(['waiting', 'scanning', 'scanned', 'dead', 'partial', 'refused', 'untested'])
export const ScanHost = Type.Object({
  assetId: uuid,
  address: Type.String(),
  names: Type.Array(Type.String()),
  outcome: HostOutcome,
  /** Why it is dead, partial or untested. */
  why: Type.String(),
  portsOpen: count,
  found: count,
  /** Highest severity found, 0 for none. */
  worst: Type.Integer(),
  endedAt: orNull(time),
})
/** `GET /scans/:id/hosts`: for the matrix; keyset by address. */
export const ScanHostQuery = Type.Object({
  /** `next` of the page before. */
  after: Type.Optional(Type.String({ maxLength: 600 })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 4096 })),
  outcome: Type.Optional(HostOutcome),
})
export const ScanHostList = Type.Object({ items: Type.Array(ScanHost), next: orNull(Type.String()) })

/** `GET /scans/:id/coverage`: what was tested and, above all, what was not. */
export const Coverage = Type.Object({
  hosts: Type.Object({ total: count, scanned: count, dead: count, partial: count, untested: count, waiting: count }),
  dropped: Type.Object({ targets: count, addresses: count }),
  tcpPorts: count,
  udpPorts: count,
  /** Hosts not tested to the end, by reason. */
  untested: Type.Array(Type.Object({ why: Type.String(), hosts: count, examples: Type.Array(Type.String()) })),
  /** Probes that could not look somewhere: nothing was concluded from their silence. */
  failures: Type.Array(Type.Object({ probe: Type.String(), code: Type.String(), hosts: count, times: count,
    example: Type.String() })),
  /** What became of every check on every host; `untested` by reason. The parts sum to `total`. */
  checks: orNull(Type.Object({ total: count, found: count, tested: count, absent: count, untested: Type.Record(Type.String(), count) })),
  text: Type.String(),
})

/** `GET /scans/:id/compare/:otherId`: what changed from the other (earlier) scan to this one. */
export const CompareParams = Type.Object({ id: Type.String({ maxLength: 64 }), otherId: Type.String({ maxLength: 64 }) })
export const ComparedFinding = Type.Object({
  change: Type.Enum(['new', 'gone', 'notTested', 'same']),
  signature: Type.Integer(),
  title: Type.String(),
  severity: Type.Integer({ minimum: 1, maximum: 5 }),
  type: Type.Enum(['confirmed', 'potential', 'information']),
  assetId: uuid,
  address: Type.String(),
  port: orNull(Type.Integer()),
  proto: orNull(Type.Enum(['tcp', 'udp'])),
  instance: Type.String(),
})
export const Comparison = Type.Object({
  newer: Type.Object({ id: uuid, reference: Type.String(), title: Type.String(), at: time }),
  older: Type.Object({ id: uuid, reference: Type.String(), title: Type.String(), at: time }),
  /** `gone`: tested by the newer scan and not there. `notTested`: the newer scan could not tell. */
  counts: Type.Object({ new: count, gone: count, notTested: count, same: count }),
  hosts: Type.Object({ appeared: Type.Array(Type.String()), disappeared: Type.Array(Type.String()) }),
  /** At most 1,000, the worst first; `same` ones left out. */
  findings: Type.Array(ComparedFinding),
})

// POST /scans/:id/pause, /resume, /cancel answer the Scan. DELETE /scans/:id takes an ended scan off the list; findings stay.
// Live: the event stream carries {type: 'scan', id} whenever one of these answers changed; at most one a second and scan.

export type ScanState = Static<typeof ScanState>
export type LaunchScan = Static<typeof LaunchScan>
export type DroppedTarget = Static<typeof DroppedTarget>
export type ScanRow = Static<typeof ScanRow>
export type Scan = Static<typeof Scan>
export type ScanQuery = Static<typeof ScanQuery>
export type ScanList = Static<typeof ScanList>
export type ScanHost = Static<typeof ScanHost>
export type ScanHostList = Static<typeof ScanHostList>
export type Coverage = Static<typeof Coverage>
export type Comparison = Static<typeof Comparison>
