// Generated from the migrated database. To renew: VIGIL_UPDATE=1 ./vigil test --only schema
import type { Generated } from 'kysely'

export interface Account {
  id: string
  account_id: string
  provider_id: string
  user_id: string
  access_token: string | null
  refresh_token: string | null
  id_token: string | null
  access_token_expires_at: Date | null
  refresh_token_expires_at: Date | null
  scope: string | null
  password: string | null
  created_at: Date
  updated_at: Date
}

export interface AddressName {
  tenant_id: string
  id: string
  network_id: string
  name: string
  comment: string
  authority_id: string
  added_by_name: string
  created_at: Date
}

export interface AddressRange {
  tenant_id: string
  id: string
  network_id: string
  first: string
  last: string
  comment: string
  authority_id: string
  added_by_name: string
  created_at: Date
}

export interface ApiToken {
  tenant_id: string
  id: string
  user_id: string
  name: string
  role: string
  hash: Uint8Array
  hint: string
  expires_at: Date | null
  created_at: Date
}

export interface ApiTokenUse {
  tenant_id: string
  token_id: string
  last_at: Date
  last_ip: string | null
}

export interface AppUser {
  id: string
  name: string
  email: string
  email_verified: boolean
  image: string | null
  two_factor_enabled: boolean | null
  created_at: Date
  updated_at: Date
}

export interface AssetGroup {
  tenant_id: string
  id: string
  name: string
  impact: number
  unit_id: string | null
  comment: string
  created_at: Date
}

export interface AssetGroupHost {
  tenant_id: string
  group_id: string
  asset_id: string
  pinned: boolean
}

export interface AssetGroupName {
  tenant_id: string
  group_id: string
  network_id: string
  name: string
}

export interface AssetGroupRange {
  tenant_id: string
  group_id: string
  network_id: string
  first: string
  last: string
}

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
  last_outcome: string | null
}

export interface AssetRelief {
  tenant_id: string
  asset_id: string
  signature_id: number
  relief: number
  findings: number
}

export interface AssetScan {
  tenant_id: string
  scan_id: string
  asset_id: string
  started_at: Date
  ended_at: Date | null
  outcome: string | null
  why: string
  covered: unknown
  failed: unknown
  open: string
  found: string[]
  closed: string[]
}

export interface AssetService {
  tenant_id: string
  asset_id: string
  proto: string
  port: number
  open: boolean
  name: string
  product: string | null
  version: string | null
  cpe: string | null
  distro: string | null
  tls: boolean
  banner: string | null
  first_seen: Date
  last_seen: Date
}

export interface AuditEvent {
  tenant_id: string
  seq: number
  id: string
  at: Date
  actor_kind: string
  actor_id: string | null
  actor_name: string
  ip: string | null
  action: string
  object_kind: string | null
  object_id: string | null
  object_name: string | null
  details: unknown
  previous: Uint8Array
  hash: Uint8Array
}

export interface AuditHead {
  tenant_id: string
  seq: number
  hash: Uint8Array
}

export interface Authority {
  tenant_id: string
  id: string
  network_id: string
  user_id: string
  user_name: string
  user_email: string
  statement: string
  targets: string
  addresses: string
  at: Date
}

export interface BusinessUnit {
  tenant_id: string
  id: string
  name: string
  created_at: Date
}

export interface DataKey {
  tenant_id: string
  id: string
  wrapped: Uint8Array
  created_at: Date
}

export interface Due {
  kind: string
  id: string
  tenant_id: string
  at: Date
}

export interface Exclusion {
  tenant_id: string
  id: string
  network_id: string
  ranges: string
  names: string[]
  addresses: string
  comment: string
  expires_at: Date | null
  created_by: string | null
  created_by_name: string
  created_at: Date
  ended_at: Date | null
  ended_by_name: string | null
}

export interface Finding {
  tenant_id: string
  id: string
  asset_id: string
  signature_id: number
  proto: string
  port: number
  instance: string
  severity: number
  type: string
  status: string
  ignored: boolean
  ignored_until: Date | null
  score: number
  probe: string
  login: boolean
  first_found: Date
  last_found: Date
  last_fixed: Date | null
  last_reopened: Date | null
  times_found: number
  times_reopened: number
  last_scan: string
}

export interface FindingEvent {
  tenant_id: string
  id: string
  finding_id: string
  asset_id: string
  signature_id: number
  severity: number
  type: string
  kind: string
  at: Date
  scan_id: string | null
  by_id: string | null
  by_name: string | null
  text: string
}

export interface FindingEvidence {
  tenant_id: string
  finding_id: string
  at: Date
  probe: string
  signature_version: number
  scan_id: string
  scanner_id: string | null
  result: string
  note: string | null
  sent: string
  received: string
  hash: Uint8Array
}

export interface FindingIgnore {
  tenant_id: string
  finding_id: string
  reason: string
  comment: string
  until: Date | null
  by_id: string
  by_name: string
  at: Date
}

export interface FindingVerification {
  tenant_id: string
  finding_id: string
  scan_id: string
  started_at: Date
  by_name: string
}

export interface Invitation {
  tenant_id: string
  id: string
  email: string
  role: string
  unit_id: string | null
  group_ids: string[]
  hash: Uint8Array
  invited_by: string
  expires_at: Date
  created_at: Date
}

export interface KnowledgeRelease {
  release: string
  signatures: number
  loaded_at: Date
}

export interface LoginAttempt {
  subject: Uint8Array
  failures: number
  locked_until: Date | null
  last_at: Date
}

export interface Membership {
  tenant_id: string
  user_id: string
  role: string
  unit_id: string | null
  group_ids: string[]
  state: string
  created_at: Date
}

export interface Network {
  tenant_id: string
  id: string
  name: string
  created_at: Date
}

export interface OneTimeLink {
  hash: Uint8Array
  purpose: string
  user_id: string | null
  expires_at: Date
  created_at: Date
}

export interface OptionProfile {
  tenant_id: string
  id: string
  shipped: string | null
  name: string
  description: string
  is_default: boolean
  settings: unknown
  created_by: string | null
  created_at: Date
  updated_at: Date
}

export interface Passkey {
  id: string
  user_id: string
  name: string | null
  public_key: string
  credential_id: string
  counter: number
  device_type: string
  backed_up: boolean
  transports: string | null
  aaguid: string | null
  created_at: Date | null
}

export interface Placement {
  name: string
  kind: string
}

export interface PostureDay {
  tenant_id: string
  day: Date
  open1: number
  open2: number
  open3: number
  open4: number
  open5: number
  risk: number
  hosts: number
  tested: number
}

export interface RecoveryCode {
  hash: Uint8Array
  user_id: string
  created_at: Date
}

export interface Report {
  tenant_id: string
  id: string
  title: string
  kind: string
  format: string
  query: string
  scope: unknown
  state: string
  failure: string | null
  findings: number | null
  bytes: number | null
  created_by: string
  created_by_name: string
  created_at: Date
  finished_at: Date | null
  expires_at: Date
}

export interface Scan {
  tenant_id: string
  id: string
  reference: string
  title: string
  kind: string
  state: string
  sub_state: string | null
  state_text: string
  network_id: string
  scanner_id: string | null
  profile_id: string | null
  profile_name: string
  profile: unknown
  schedule_id: string | null
  priority: number
  targets: string
  named: unknown
  ranges: string
  next_address: number
  is_cut: boolean
  dropped_count: number
  hosts_total: number
  hosts_done: number
  hosts_up: number
  hosts_dead: number
  hosts_untested: number
  ports_open: number
  found1: number
  found2: number
  found3: number
  found4: number
  found5: number
  content: string
  launched_by: string | null
  launched_by_name: string | null
  created_at: Date
  started_at: Date | null
  ended_at: Date | null
  running_since: Date | null
  ran_before: number
  last_heard_at: Date | null
  pause_after_minutes: number | null
  resume_in_days: number | null
  window_ends_at: Date | null
  resumes_at: Date | null
  cancel_at: Date | null
  expires_at: Date | null
}

export interface ScanDropped {
  tenant_id: string
  scan_id: string
  position: number
  target: string
  reason: string
  addresses: number
  text: string
}

export interface ScanFailure {
  tenant_id: string
  scan_id: string
  probe: string
  code: string
  hosts: number
  times: number
  example: string
}

export interface ScanHost {
  tenant_id: string
  scan_id: string
  asset_id: string
  position: number
  slice_id: string
  address: string
  names: string[]
  outcome: string | null
  why: string
  ports_open: number
  found: number
  worst: number
  started_at: Date | null
  ended_at: Date | null
}

export interface ScanResult {
  tenant_id: string
  scan_id: string
  asset_id: string
  signature: number
  proto: string
  port: number
  instance: string
  severity: number
  type: string
}

export interface ScanSlice {
  id: string
  tenant_id: string
  scan_id: string
  network_id: string
  scanner_id: string | null
  priority: number
  state: string
  wish: string
  seq: number
  hosts: number
  attempts: number
  progressed: boolean
  leased_by: string | null
  lease_until: Date | null
  created_at: Date
}

export interface Scanner {
  id: string
  tenant_id: string | null
  network_id: string | null
  name: string
  activation_code: string | null
  activation_expires_at: Date | null
  activated_at: Date | null
  token_hash: Uint8Array | null
  last_seen_at: Date | null
  software: string | null
  content: string | null
  running: number
  capacity: number
  last_address: string | null
  created_at: Date
}

export interface Schedule {
  tenant_id: string
  id: string
  name: string
  launch: unknown
  time_zone: string
  starts_at: string
  recurrence: unknown
  occurrences: number | null
  run_window: unknown
  active: boolean
  runs: number
  next_at: Date | null
  last_run_at: Date | null
  last_scan_id: string | null
  last_problem: string | null
  created_by: string | null
  created_by_name: string | null
  created_at: Date
  updated_at: Date
}

export interface Session {
  id: string
  token: string
  user_id: string
  active_tenant_id: string | null
  ip_address: string | null
  user_agent: string | null
  expires_at: Date
  created_at: Date
  updated_at: Date
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

export interface SliceTurn {
  tenant_id: string
  served: number
}

export interface Tenant {
  id: string
  name: string
  state: string
  max_addresses: number | null
  settings: unknown
  created_at: Date
}

export interface TwoFactor {
  id: string
  user_id: string
  secret: string
  backup_codes: string
  verified: boolean | null
  failed_verification_count: number | null
  locked_until: Date | null
}

export interface Verification {
  id: string
  identifier: string
  value: string
  expires_at: Date
  created_at: Date
  updated_at: Date
}

export interface Schema {
  account: Account
  address_name: AddressName
  address_range: AddressRange
  api_token: ApiToken
  api_token_use: ApiTokenUse
  app_user: AppUser
  asset_group: AssetGroup
  asset_group_host: AssetGroupHost
  asset_group_name: AssetGroupName
  asset_group_range: AssetGroupRange
  asset_host: AssetHost
  asset_relief: AssetRelief
  asset_scan: AssetScan
  asset_service: AssetService
  audit_event: AuditEvent
  audit_head: AuditHead
  authority: Authority
  business_unit: BusinessUnit
  data_key: DataKey
  due: Due
  exclusion: Exclusion
  finding: Finding
  finding_event: FindingEvent
  finding_evidence: FindingEvidence
  finding_ignore: FindingIgnore
  finding_verification: FindingVerification
  invitation: Invitation
  knowledge_release: KnowledgeRelease
  login_attempt: LoginAttempt
  membership: Membership
  network: Network
  one_time_link: OneTimeLink
  option_profile: OptionProfile
  passkey: Passkey
  placement: Placement
  posture_day: PostureDay
  recovery_code: RecoveryCode
  report: Report
  scan: Scan
  scan_dropped: ScanDropped
  scan_failure: ScanFailure
  scan_host: ScanHost
  scan_result: ScanResult
  scan_slice: ScanSlice
  scanner: Scanner
  schedule: Schedule
  session: Session
  signature: Signature
  slice_turn: SliceTurn
  tenant: Tenant
  two_factor: TwoFactor
  verification: Verification
}
