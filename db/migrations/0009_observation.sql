-- What was seen of each host, kept so that new knowledge is judged without a new scan, and so that one can ask who had what on a past day
-- (docs/decisions/036-no-rescan.md). Rows are written when something changes, not each time it is seen again.

create table observation (
  tenant_id uuid not null,
  asset_id uuid not null,
  -- 64-bit hash of kind, place, probe and what was seen.
  id bigint not null,
  -- The same without what was seen: what is seen there next takes its place.
  place bigint not null,
  kind text not null check (kind in ('host', 'port', 'service', 'tls', 'http')),
  proto text not null check (proto in ('', 'tcp', 'udp')),
  port integer not null check (port between 0 and 65535),
  -- With its version, `ssh@1`.
  probe text not null,
  first_seen timestamptz not null,
  -- Null: when the host was last looked at to the end (asset_host.observed_at), so that seeing it again writes nothing.
  last_seen timestamptz,
  -- When something else was seen in its place, or a look that could have seen it did not.
  gone_at timestamptz,
  -- JSON of place, data and evidence; compressed with zstd above 512 bytes (src/platform/observation/body.ts).
  body bytea not null,
  primary key (tenant_id, asset_id, id, first_seen),
  foreign key (tenant_id, asset_id) references asset_host (tenant_id, id) on delete cascade
);
select place('observation', 'tenant');
create unique index observation_open on observation (tenant_id, asset_id, id) where gone_at is null;
create index observation_gone on observation (tenant_id, gone_at) where gone_at is not null;

-- Each piece of software an organisation has, once, however many hosts have it. `id`: 64-bit hash of the rest.
create table software (
  tenant_id uuid not null,
  id bigint not null,
  ecosystem text not null check (length(ecosystem) between 1 and 100),
  name text not null check (length(name) between 1 and 300),
  version text not null check (length(version) <= 200),
  part text check (part in ('a', 'o', 'h')),
  source text,
  source_version text,
  architecture text,
  -- Names as releases of the KnowledgeBase are compared by: what a release says otherwise of a name leads here.
  name_key text not null,
  source_key text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id)
);
select place('software', 'tenant');
create index software_name on software (tenant_id, name_key);
create index software_source on software (tenant_id, source_key);

-- What one origin says is on a host, as a set; another set is another row. `services`: products that scans saw.
create table asset_software (
  tenant_id uuid not null,
  asset_id uuid not null,
  origin text not null check (length(origin) between 1 and 80),
  items bigint[] not null,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  gone_at timestamptz,
  primary key (tenant_id, asset_id, origin, first_seen),
  foreign key (tenant_id, asset_id) references asset_host (tenant_id, id) on delete cascade
);
select place('asset_software', 'tenant');
create unique index asset_software_open on asset_software (tenant_id, asset_id, origin) where gone_at is null;
create index asset_software_items on asset_software using gin (items);
create index asset_software_gone on asset_software (tenant_id, gone_at) where gone_at is not null;

-- The last completed look at the host whose observations are kept.
alter table asset_host add column observed_at timestamptz;
-- Observations seen in this attempt, and what it learnt of packages.
alter table asset_scan add column seen bigint[] not null default '{}';
-- Packages seen in it, by the probe that listed them: {"login@1": ["<software id>"]}.
alter table asset_scan add column packages jsonb not null default '{}';

-- When a changed or withdrawn check ended the finding, with nobody having tested that it is gone.
alter table finding add column retracted_at timestamptz;
-- The time of the stored observation that it was judged by; null: a test saw it.
alter table finding_evidence add column via_at timestamptz;
alter table finding_event drop constraint finding_event_kind_check;
alter table finding_event add constraint finding_event_kind_check
  check (kind in ('new', 'reopened', 'fixed', 'ignored', 'unignored', 'ignoreExpired', 'verified', 'retracted'));

-- How far what is in force is applied to what is stored. One row a tenant, written with each batch of hosts.
create table kb_applied (
  tenant_id uuid not null,
  -- What is applied, or being applied: hash of all checks in force for the tenant, and the release of the KnowledgeBase (0: none).
  content text not null,
  release integer not null,
  root text not null,
  state text not null check (state in ('waiting', 'running', 'done', 'failed')),
  -- Stands as the scan of what this run finds.
  run uuid not null,
  -- What was applied to the end before: the release, and each signature with a hash of its rule. Null: nothing.
  before_release integer,
  before_root text,
  before_rules jsonb,
  -- The last host that is through; null: none yet.
  position uuid,
  hosts integer not null,
  done integer not null,
  signatures integer not null,
  vulnerabilities integer,
  fresh integer not null,
  reopened integer not null,
  retracted integer not null,
  problem text,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (tenant_id)
);
select place('kb_applied', 'tenant');
