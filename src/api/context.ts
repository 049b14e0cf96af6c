import type { Registry } from 'prom-client'
import type { Logger } from 'pino'
import type { KnowledgeBase } from '#knowledge/knowledge-base.ts'
import type { KnowledgeHolder } from '#platform/kb/holder.ts'
import type { PlatformChannel } from '#platform/scan/channel.ts'
import type { Identity } from '#platform/user/identity.ts'
import type { BlobStore } from '#store/blob/blob-store.ts'
import type { Jobs } from '#store/jobs.ts'
import type { SecretBox } from '#store/secrets.ts'
import type { Store } from '#store/store.ts'

/** What every route may use. A subject that needs more adds a field here, optional when the server can run without it. */
export interface ApiContext {
  readonly store: Store
  readonly identity: Identity
  readonly log: Logger
  /** The release in force; ask anew for each request, since it is swapped while the server runs. */
  readonly knowledge: () => KnowledgeBase
  /** What judges; absent: inventories are kept and not judged. */
  readonly judging?: KnowledgeHolder
  /** Where the files of its releases lie; absent: nowhere. */
  readonly knowledgeFolder?: string
  /** Reports need both. */
  readonly jobs?: Jobs
  readonly blobs?: BlobStore
  /** Remote scanners speak through it, under /channel/v1; absent: none can. */
  readonly channel?: PlatformChannel
  /** Unix milliseconds. */
  readonly now: () => number
  /** Seals authentication records; absent: none can be kept. */
  readonly secrets?: SecretBox
  readonly config: ApiConfig
  readonly metrics: Registry
  /** What must hold before /readyz says yes, besides the database: name → whether it is ready. */
  readonly ready?: Readonly<Record<string, () => Promise<boolean>>>
}

export interface ApiConfig {
  readonly version: string
  /** How browsers reach the server: `https://vigil.example.org` or `http://localhost:8443`, without a path. */
  readonly origin: string
  /** Other hosts (`name` or `name:port`) under which it may be addressed. Loopback and address literals always may. */
  readonly hosts?: readonly string[]
  /** PEM; absent: plain HTTP, for loopback and behind a proxy. */
  readonly tls?: Readonly<{ cert: string; key: string }>
  /** The folder with the built console, or null when there is none. */
  readonly console: string | null
  /** Which proxies may say who the client is (fastify's trustProxy); none unless set. */
  readonly trustProxy?: boolean | string
  /** Requests a minute from one address before 429; 0 is no limit. Default 6000. */
  readonly rate?: number
  /** A mail server is set, so that digests can be sent. */
  readonly mail?: boolean
  /** Bearer token for /metrics from other machines; without it only loopback may read them. */
  readonly metricsToken?: string
}
