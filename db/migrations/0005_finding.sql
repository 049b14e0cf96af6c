-- The life of a detection on a place (docs/user/findings.md). Narrow: what is shown of one finding only lies in the tables below.
create table finding (
  tenant_id uuid not null,
  id uuid not null,
  asset_id uuid not null,
  signature_id integer not null references signature (id),
  -- '' and 0: the host as a whole.
  proto text not null check (proto in ('', 'tcp', 'udp')),
  port integer not null check (port between 0 and 65535),
  -- Resource, virtual host or package below the port.
  instance text not null check (length(instance) <= 500),
  severity smallint not null check (severity between 1 and 5),
  type text not null check (type in ('confirmed', 'potential', 'information')),
  status text not null check (status in ('new', 'active', 'fixed', 'reopened')),
  ignored boolean not null,
  ignored_until timestamptz,
  score smallint not null check (score between 0 and 100),
  -- Whose coverage closes it: the probe that saw it, and whether it had a login.
  probe text not null,
  login boolean not null,
  first_found timestamptz not null,
  last_found timestamptz not null,
  last_fixed timestamptz,
  last_reopened timestamptz,
  times_found integer not null,
  times_reopened integer not null,
  -- The scan that counted it last: one scan counts once, however often it looked.
  last_scan uuid not null,
  -- severity + 8 · (fixed 0, new 1, active 2, reopened 3) + 32 · (confirmed 0, potential 1, information 2) + 128 · ignored: what facets
  -- count, as one number (src/platform/finding/shape.ts).
  shape smallint not null generated always as (severity + case status when 'new' then 8 when 'active' then 16 when 'reopened' then 24 else 0 end
    + case type when 'potential' then 32 when 'information' then 64 else 0 end + case when ignored then 128 else 0 end) stored,
  primary key (tenant_id, id),
  unique (tenant_id, asset_id, signature_id, proto, port, instance),
  foreign key (tenant_id, asset_id) references asset_host (tenant_id, id) on delete cascade
) with (fillfactor = 80);
-- Lists and facets read indexes alone where they may, which takes pages that were vacuumed since they changed.
alter table finding set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.05);
select place('finding', 'tenant');
-- One index an order, each with what queries ask most, so that a filter which lets little through reads the index and not the rows: the
-- cost of a page is bounded by the size of the index. (An index over some of the rows would be smaller, but each query for others slow.)
create index finding_worst on finding (tenant_id, score desc, id desc) include (signature_id, asset_id, port, shape);
create index finding_severe on finding (tenant_id, severity desc, id desc) include (signature_id, asset_id, port, shape);
create index finding_newest on finding (tenant_id, first_found desc, id desc) include (signature_id, asset_id, port, shape);
create index finding_seen on finding (tenant_id, last_found desc, id desc) include (signature_id, asset_id, port, shape);
-- What facets count, and the findings of a check. The asset is no key: else the planner skips through it for each of many hosts.
create index finding_check on finding (tenant_id, signature_id, port, shape) include (asset_id);
create index finding_ignore_ends on finding (tenant_id, ignored_until) where ignored_until is not null;

-- The proof, as last seen. Written again only when it says something else.
create table finding_evidence (
  tenant_id uuid not null,
  finding_id uuid not null,
  at timestamptz not null,
  probe text not null,
  signature_version integer not null,
  scan_id uuid not null,
  scanner_id uuid,
  result text not null,
  note text,
  sent text not null,
  received text not null,
  -- Of result, note, version, sent and received.
  hash bytea not null,
  primary key (tenant_id, finding_id),
  foreign key (tenant_id, finding_id) references finding (tenant_id, id) on delete cascade
);
select place('finding_evidence', 'tenant');

-- What happened to findings. Kept when the finding is purged.
create table finding_event (
  tenant_id uuid not null,
  id uuid not null,
  finding_id uuid not null,
  asset_id uuid not null,
  signature_id integer not null,
  severity smallint not null,
  type text not null,
  kind text not null check (kind in ('new', 'reopened', 'fixed', 'ignored', 'unignored', 'ignoreExpired', 'verified')),
  at timestamptz not null,
  scan_id uuid,
  by_id uuid,
  by_name text,
  text text not null,
  primary key (tenant_id, id)
);
select place('finding_event', 'tenant');
create index finding_event_of on finding_event (tenant_id, finding_id, at desc, id desc);
create index finding_event_asset on finding_event (tenant_id, asset_id, at desc, id desc);
create index finding_event_newest on finding_event (tenant_id, at desc, id desc);

create table finding_ignore (
  tenant_id uuid not null,
  finding_id uuid not null,
  reason text not null check (reason in ('falsePositive', 'acceptedRisk', 'compensated', 'notApplicable', 'later')),
  comment text not null,
  until timestamptz,
  by_id uuid not null,
  by_name text not null,
  at timestamptz not null,
  primary key (tenant_id, finding_id),
  foreign key (tenant_id, finding_id) references finding (tenant_id, id) on delete cascade
);
select place('finding_ignore', 'tenant');

-- The last scan started to test this finding again.
create table finding_verification (
  tenant_id uuid not null,
  finding_id uuid not null,
  scan_id uuid not null,
  started_at timestamptz not null,
  by_name text not null,
  primary key (tenant_id, finding_id),
  foreign key (tenant_id, finding_id) references finding (tenant_id, id) on delete cascade
);
select place('finding_verification', 'tenant');

-- The ledger of coverage: what one scan looked at on one host, and what it could not. While `outcome` is null the attempt goes on, and what
-- it said so far closes nothing.
create table asset_scan (
  tenant_id uuid not null,
  scan_id uuid not null,
  asset_id uuid not null,
  started_at timestamptz not null,
  ended_at timestamptz,
  outcome text check (outcome in ('scanned', 'dead', 'partial', 'refused')),
  why text not null,
  -- [{probe, ports, login, signatures?}], [{probe, ports, code, text}], and open ports as `tcp:22,80;udp:53`.
  covered jsonb not null,
  failed jsonb not null,
  open text not null,
  -- Findings seen in this attempt; those it closed.
  found uuid[] not null,
  closed uuid[] not null,
  primary key (tenant_id, scan_id, asset_id),
  foreign key (tenant_id, asset_id) references asset_host (tenant_id, id) on delete cascade
);
select place('asset_scan', 'tenant');
create index asset_scan_newest on asset_scan (tenant_id, asset_id, started_at desc, scan_id desc);

-- Points of risk that a host loses when a signature is fixed on it; summed up for "fix first".
create table asset_relief (
  tenant_id uuid not null,
  asset_id uuid not null,
  signature_id integer not null,
  relief real not null,
  findings integer not null,
  primary key (tenant_id, asset_id, signature_id),
  foreign key (tenant_id, asset_id) references asset_host (tenant_id, id) on delete cascade
);
select place('asset_relief', 'tenant');
create index asset_relief_signature on asset_relief (tenant_id, signature_id) include (relief, findings);

-- One row a day, for the trend.
create table posture_day (
  tenant_id uuid not null,
  day date not null,
  open1 integer not null,
  open2 integer not null,
  open3 integer not null,
  open4 integer not null,
  open5 integer not null,
  risk integer not null,
  hosts integer not null,
  tested integer not null,
  primary key (tenant_id, day)
);
select place('posture_day', 'tenant');
