// Generated from the migrated database. To renew: VIGIL_UPDATE=1 ./vigil test --only schema
import type { Generated } from 'kysely'

export interface AssetHost {
  tenant_id: string
  id: string
  network_id: string
  tracking: string
  identity: string
  address: string | null
  name: string | null
  os: string | null
  state: string | null
  first_seen: Date | null
  last_seen: Date | null
  last_scanned: Date | null
  impact: Generated<number>
  risk: Generated<number>
  open1: Generated<number>
  open2: Generated<number>
  open3: Generated<number>
  open4: Generated<number>
  open5: Generated<number>
  created_at: Date
}

export interface DataKey {
  tenant_id: string
  id: string
  wrapped: Uint8Array
  created_at: Date
}

export interface KnowledgeRelease {
  release: string
  signatures: number
  loaded_at: Date
}

export interface Network {
  tenant_id: string
  id: string
  name: string
  created_at: Date
}

export interface Placement {
  name: string
  kind: string
}

export interface Signature {
  id: number
  version: number
  title: string
  category: string
  severity: number
  type: string
  kind: string
  cve: string[]
  cwe: string[]
  cvss: string | null
  score: number | null
  products: string[]
  pci: string | null
  threat: string
  impact: string
  solution: string
  reference: string[]
  published: Date
  changed: Date
  retired: boolean
  search: string
}

export interface Tenant {
  id: string
  name: string
  state: string
  max_addresses: number | null
  settings: unknown
  created_at: Date
}

export interface Schema {
  asset_host: AssetHost
  data_key: DataKey
  knowledge_release: KnowledgeRelease
  network: Network
  placement: Placement
  signature: Signature
  tenant: Tenant
}
