-- How scanners may log in: docs/decisions/043-credentials.md. What is secret lies in `sealed`, under the data key of the organisation (src/store/secrets.ts).
create table credential (
  tenant_id uuid not null,
  id uuid not null,
  title text not null check (length(title) between 1 and 80),
  kind text not null check (kind in ('ssh', 'snmp', 'postgresql', 'mysql')),
  enabled boolean not null,
  -- Where it may be used, as written; together with the groups, whose members are looked up when a scanner asks.
  network_id uuid not null,
  targets text not null check (length(targets) <= 20000),
  groups uuid[] not null,
  -- What is no secret: user, port, versions, fingerprints, and which secrets there are.
  settings jsonb not null,
  sealed bytea not null check (octet_length(sealed) <= 65536),
  -- null: somebody whose rights reach over the whole organisation made it; else it is this person's, and reaches no further than they did.
  owner_id uuid,
  created_by_name text not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, title)
);
select place('credential', 'tenant');

-- X25519, 32 bytes: logins are sealed to it. Kept from the first time that a scanner says it; a remote scanner that says another gets none until it is activated anew.
alter table scanner add column public_key text check (length(public_key) <= 60);

-- How logging in went, as one scan saw it: one row a record and host, the best outcome of its ports.
create table scan_login (
  tenant_id uuid not null,
  scan_id uuid not null,
  asset_id uuid not null,
  record uuid not null,
  method text not null,
  outcome text not null check (outcome in ('passed', 'failed', 'insufficient', 'not attempted')),
  rights text,
  why text not null,
  primary key (tenant_id, scan_id, asset_id, record),
  foreign key (tenant_id, scan_id) references scan (tenant_id, id) on delete cascade
);
select place('scan_login', 'tenant');
