-- What may be scanned: ranges, not a row an address, since one may hold 2¹²⁸ of them. Ranges of one network never overlap.
create table address_range (
  tenant_id uuid not null,
  id uuid not null,
  network_id uuid not null,
  first inet not null,
  last inet not null check (last >= first),
  comment text not null check (length(comment) <= 500),
  authority_id uuid not null,
  added_by_name text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, network_id, first),
  foreign key (tenant_id, network_id) references network (tenant_id, id)
);
select place('address_range', 'tenant');

-- Host names that may be scanned, at whatever address they have then.
create table address_name (
  tenant_id uuid not null,
  id uuid not null,
  network_id uuid not null,
  name text not null check (name = lower(name) and length(name) between 1 and 253),
  comment text not null check (length(comment) <= 500),
  authority_id uuid not null,
  added_by_name text not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, network_id, name),
  foreign key (tenant_id, network_id) references network (tenant_id, id)
);
select place('address_name', 'tenant');

-- Who declared, and when, that these may be scanned. Never changed; also in the audit log.
create table authority (
  tenant_id uuid not null,
  id uuid not null,
  network_id uuid not null,
  user_id uuid not null,
  user_name text not null,
  user_email text not null,
  statement text not null,
  -- Ranges and names as declared, shortest text; cut when longer than 200,000 characters (the rows of the register name the authority).
  targets text not null,
  addresses numeric not null,
  at timestamptz not null,
  primary key (tenant_id, id)
);
select place('authority', 'tenant');
create index authority_newest on authority (tenant_id, at desc, id desc);

-- Never scanned while in force, checked when work is handed out. Ended ones stay as a record.
create table exclusion (
  tenant_id uuid not null,
  id uuid not null,
  network_id uuid not null,
  -- IpSet text, and names.
  ranges text not null,
  names text[] not null,
  addresses numeric not null,
  comment text not null check (length(comment) between 1 and 500),
  expires_at timestamptz,
  created_by uuid,
  created_by_name text not null,
  created_at timestamptz not null,
  ended_at timestamptz,
  ended_by_name text,
  primary key (tenant_id, id),
  foreign key (tenant_id, network_id) references network (tenant_id, id)
);
select place('exclusion', 'tenant');
create index exclusion_open on exclusion (tenant_id, network_id) where ended_at is null;
create index exclusion_newest on exclusion (tenant_id, created_at desc, id desc);

create table asset_group (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 80),
  impact smallint not null check (impact between 1 and 5),
  unit_id uuid,
  comment text not null check (length(comment) <= 500),
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select place('asset_group', 'tenant');
create index asset_group_unit on asset_group (tenant_id, unit_id) where unit_id is not null;

create table asset_group_range (
  tenant_id uuid not null,
  group_id uuid not null,
  network_id uuid not null,
  first inet not null,
  last inet not null check (last >= first),
  primary key (tenant_id, group_id, network_id, first),
  foreign key (tenant_id, group_id) references asset_group (tenant_id, id) on delete cascade
);
select place('asset_group_range', 'tenant');

create table asset_group_name (
  tenant_id uuid not null,
  group_id uuid not null,
  network_id uuid not null,
  name text not null,
  primary key (tenant_id, group_id, network_id, name),
  foreign key (tenant_id, group_id) references asset_group (tenant_id, id) on delete cascade
);
select place('asset_group_name', 'tenant');

-- Which hosts are in which group: worked out when either changes, so that what a person may see is one look-up.
create table asset_group_host (
  tenant_id uuid not null,
  group_id uuid not null,
  asset_id uuid not null,
  -- Named as a host, not by a range: stays when the ranges change.
  pinned boolean not null,
  primary key (tenant_id, group_id, asset_id),
  foreign key (tenant_id, group_id) references asset_group (tenant_id, id) on delete cascade,
  foreign key (tenant_id, asset_id) references asset_host (tenant_id, id) on delete cascade
);
select place('asset_group_host', 'tenant');
create index asset_group_host_asset on asset_group_host (tenant_id, asset_id, group_id);

-- What a host offers, at the last conclusive look.
create table asset_service (
  tenant_id uuid not null,
  asset_id uuid not null,
  proto text not null check (proto in ('tcp', 'udp')),
  port integer not null check (port between 1 and 65535),
  open boolean not null,
  name text not null,
  product text,
  version text,
  cpe text,
  distro text,
  tls boolean not null,
  banner text,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  primary key (tenant_id, asset_id, proto, port),
  foreign key (tenant_id, asset_id) references asset_host (tenant_id, id) on delete cascade
);
select place('asset_service', 'tenant');
create index asset_service_port on asset_service (tenant_id, port, proto) where open;

-- How the last test of it ended, also one that found it dead or was refused.
alter table asset_host add column last_outcome text check (last_outcome in ('scanned', 'dead', 'partial', 'refused'));
-- What of the register was tested.
create index asset_host_tested on asset_host (tenant_id, network_id, address) where tracking = 'address' and last_outcome is not null;
