-- What a scan does, in the words of src/core/profile.ts. Shipped ones are the program's own and renewed with it.
create table option_profile (
  tenant_id uuid not null,
  id uuid not null,
  shipped text check (shipped in ('quick', 'standard', 'full', 'gentle')),
  name text not null check (length(name) between 1 and 80),
  description text not null check (length(description) <= 500),
  is_default boolean not null,
  settings jsonb not null,
  created_by uuid,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name),
  unique (tenant_id, shipped)
);
select place('option_profile', 'tenant');

create table schedule (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 120),
  -- What to scan, how and where, as the launch of a scan takes it.
  launch jsonb not null,
  time_zone text not null,
  -- Local date and time of the first run, on the clock of time_zone: no instant, since zones change their rules.
  starts_at text not null,
  recurrence jsonb not null,
  occurrences integer check (occurrences between 1 and 9999),
  -- {pauseAfterMinutes?, resumeInDays?, endAfterMinutes?}
  run_window jsonb not null,
  active boolean not null,
  runs integer not null,
  next_at timestamptz,
  last_run_at timestamptz,
  last_scan_id uuid,
  last_problem text,
  created_by uuid,
  created_by_name text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id)
);
select place('schedule', 'tenant');

create table scan (
  tenant_id uuid not null,
  id uuid not null,
  -- scan/<epoch seconds>.<n>
  reference text not null,
  title text not null,
  kind text not null check (kind in ('onDemand', 'scheduled', 'verification')),
  state text not null check (state in ('Queued', 'Loading', 'Running', 'Pausing', 'Paused', 'Canceling', 'Canceled', 'Finished', 'Error')),
  sub_state text check (sub_state in ('No_Host', 'No_Vuln', 'Not_Tested')),
  state_text text not null,
  network_id uuid not null,
  -- Only this scanner; null is any of the network.
  scanner_id uuid,
  profile_id uuid,
  profile_name text not null,
  -- The profile as it was at launch.
  profile jsonb not null,
  schedule_id uuid,
  priority smallint not null check (priority between 0 and 10),
  -- As asked for.
  targets text not null,
  -- What is to be cut into slices: hosts with a name first, then the addresses of `ranges` (IpSet text) from number `next_address` on.
  -- Cutting as scanners ask keeps a /16 from being 65,536 rows in one transaction.
  named jsonb not null,
  ranges text not null,
  next_address bigint not null,
  is_cut boolean not null,
  dropped_count integer not null,
  hosts_total integer not null,
  hosts_done integer not null,
  hosts_up integer not null,
  hosts_dead integer not null,
  hosts_untested integer not null,
  ports_open integer not null,
  found1 integer not null,
  found2 integer not null,
  found3 integer not null,
  found4 integer not null,
  found5 integer not null,
  content text not null,
  -- null when a schedule of nobody's or the system launched it. The name is kept for when the person is gone.
  launched_by uuid,
  launched_by_name text,
  created_at timestamptz not null,
  started_at timestamptz,
  ended_at timestamptz,
  -- Since when it runs, null while it stands; milliseconds run before that.
  running_since timestamptz,
  ran_before bigint not null,
  last_heard_at timestamptz,
  pause_after_minutes integer,
  resume_in_days integer,
  window_ends_at timestamptz,
  resumes_at timestamptz,
  cancel_at timestamptz,
  expires_at timestamptz,
  primary key (tenant_id, id),
  unique (tenant_id, reference)
);
select place('scan', 'tenant');
create index scan_newest on scan (tenant_id, created_at desc, id desc);
create index scan_of_schedule on scan (tenant_id, schedule_id, created_at desc) where schedule_id is not null;
create index scan_active on scan (tenant_id, state) where state in ('Queued', 'Loading', 'Running', 'Pausing', 'Paused', 'Canceling');

-- Targets that are not scanned, and why.
create table scan_dropped (
  tenant_id uuid not null,
  scan_id uuid not null,
  position integer not null,
  target text not null,
  reason text not null,
  -- Addresses in it; IPv6 ranges hold more than a bigint, so counts stop at 2⁶² there.
  addresses bigint not null,
  text text not null,
  primary key (tenant_id, scan_id, position),
  foreign key (tenant_id, scan_id) references scan (tenant_id, id) on delete cascade
);
select place('scan_dropped', 'tenant');

create table scan_host (
  tenant_id uuid not null,
  scan_id uuid not null,
  asset_id uuid not null,
  position integer not null,
  slice_id uuid not null,
  address inet not null,
  names text[] not null,
  -- null until it is through.
  outcome text check (outcome in ('scanned', 'dead', 'partial', 'refused', 'untested')),
  why text not null,
  ports_open integer not null,
  found integer not null,
  worst smallint not null,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (tenant_id, scan_id, asset_id),
  foreign key (tenant_id, scan_id) references scan (tenant_id, id) on delete cascade
);
select place('scan_host', 'tenant');
create index scan_host_position on scan_host (tenant_id, scan_id, position);
create index scan_host_waiting on scan_host (tenant_id, slice_id) where outcome is null;

-- What one scan saw, as it saw it: two scans are compared by these; the life of a finding is in its own table.
create table scan_result (
  tenant_id uuid not null,
  scan_id uuid not null,
  asset_id uuid not null,
  signature integer not null,
  proto text not null,
  port integer not null,
  instance text not null,
  severity smallint not null,
  type text not null,
  primary key (tenant_id, scan_id, asset_id, signature, proto, port, instance),
  foreign key (tenant_id, scan_id) references scan (tenant_id, id) on delete cascade
);
select place('scan_result', 'tenant');

-- Where probes could not look, summed up.
create table scan_failure (
  tenant_id uuid not null,
  scan_id uuid not null,
  probe text not null,
  code text not null,
  hosts integer not null,
  times integer not null,
  example text not null,
  primary key (tenant_id, scan_id, probe, code),
  foreign key (tenant_id, scan_id) references scan (tenant_id, id) on delete cascade
);
select place('scan_failure', 'tenant');

-- Local tables: claims run over all tenants, and heartbeats are many. The application role reaches its tenant's rows only.
create table scanner (
  id uuid primary key,
  -- null: belongs to the platform and serves the default network of every tenant.
  tenant_id uuid,
  network_id uuid,
  name text not null check (length(name) between 1 and 80),
  -- Cleared at activation.
  activation_code text unique,
  activation_expires_at timestamptz,
  activated_at timestamptz,
  -- SHA-256 of the token that the scanner made and keeps.
  token_hash bytea unique,
  last_seen_at timestamptz,
  software text,
  content text,
  running integer not null,
  capacity integer not null,
  last_address text,
  created_at timestamptz not null
);
select place('scanner', 'local');
create index scanner_tenant on scanner (tenant_id);
alter table scanner enable row level security;
create policy tenant on scanner to vigil_app
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid or tenant_id is null)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy platform on scanner to vigil_platform using (true) with check (true);
grant select, insert, update, delete on scanner to vigil_app;

create table scan_slice (
  id uuid primary key,
  tenant_id uuid not null,
  scan_id uuid not null,
  network_id uuid not null,
  scanner_id uuid,
  priority smallint not null,
  state text not null check (state in ('ready', 'leased', 'held')),
  -- What its scanner is told at the next report.
  wish text not null check (wish in ('go on', 'pause', 'stop')),
  -- Next batch number.
  seq integer not null,
  hosts integer not null,
  -- Leases in a row that were lost without one host getting through.
  attempts integer not null,
  progressed boolean not null,
  -- Kept when a lease runs out, so that its scanner may go on when nobody else took the slice meanwhile.
  leased_by uuid,
  lease_until timestamptz,
  created_at timestamptz not null
);
select place('scan_slice', 'local');
create index scan_slice_ready on scan_slice (tenant_id, priority desc, attempts, created_at) where state = 'ready';
create index scan_slice_scan on scan_slice (tenant_id, scan_id);
create index scan_slice_leased on scan_slice (lease_until) where state = 'leased';
alter table scan_slice enable row level security;
create policy tenant on scan_slice to vigil_app
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy platform on scan_slice to vigil_platform using (true) with check (true);
grant select, insert, update, delete on scan_slice to vigil_app;

-- Whose turn it is: the tenant served longest ago goes first.
create table slice_turn (
  tenant_id uuid primary key,
  served bigint not null
);
select place('slice_turn', 'local');
alter table slice_turn enable row level security;
create policy tenant on slice_turn to vigil_app
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy platform on slice_turn to vigil_platform using (true) with check (true);
grant select, insert on slice_turn to vigil_app;

-- Times at which something of a tenant is due, for the loops that look over all tenants: a schedule's next run, a scan's window, expiry.
create table due (
  kind text not null check (kind in ('schedule', 'scan')),
  id uuid not null,
  tenant_id uuid not null,
  at timestamptz not null,
  primary key (kind, id)
);
select place('due', 'local');
create index due_at on due (at);
alter table due enable row level security;
create policy tenant on due to vigil_app
  using (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid)
  with check (tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid);
create policy platform on due to vigil_platform using (true) with check (true);
grant select, insert, update, delete on due to vigil_app;
