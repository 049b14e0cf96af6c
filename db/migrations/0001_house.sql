-- The rules behind every table: docs/decisions/003-distribution.md.
-- Roles are created by the program before the first migration (src/store/roles.ts): vigil_app is held by row-level
-- security, vigil_platform works across tenants.

create table placement (
  name text primary key,
  kind text not null check (kind in ('tenant', 'reference', 'local'))
);

insert into placement (name, kind) values ('placement', 'local');

-- Says where a table lives once there is more than one node, and fences tenant tables. Called directly after each create table.
create function place(t regclass, k text) returns void language plpgsql as $$
begin
  insert into placement select relname, k from pg_class where oid = t;
  if k = 'tenant' then
    execute format('alter table %s enable row level security', t);
    execute format('create policy tenant on %s to vigil_app using (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid) with check (tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
    execute format('create policy platform on %s to vigil_platform using (true) with check (true)', t);
    execute format('grant select, insert, update, delete on %s to vigil_app, vigil_platform', t);
  elsif k = 'reference' then
    execute format('grant select on %s to vigil_app', t);
    execute format('grant select, insert, update, delete on %s to vigil_platform', t);
  else
    execute format('grant select, insert, update, delete on %s to vigil_platform', t);
  end if;
  if not exists (select from pg_extension where extname = 'citus') or k = 'local' then return; end if;
  if k = 'reference' then
    execute format('select create_reference_table(%L)', t);
  elsif t = 'asset_host'::regclass then
    execute format('select create_distributed_table(%L, %L)', t, 'tenant_id');
  else
    execute format('select create_distributed_table(%L, %L, colocate_with => %L)', t, 'tenant_id', 'asset_host');
  end if;
end $$;

create function enter_tenant(t uuid) returns void language plpgsql as $$
begin
  execute format('set local app.tenant_id = %L', t);
end $$;

grant usage on schema public to vigil_app, vigil_platform;
grant execute on function enter_tenant(uuid) to vigil_app, vigil_platform;

create table tenant (
  id uuid primary key,
  name text not null check (length(name) between 1 and 120),
  state text not null check (state in ('active', 'suspended', 'closing')),
  -- Plan limits; null is no limit.
  max_addresses integer,
  settings jsonb not null,
  created_at timestamptz not null
);
select place('tenant', 'reference');

-- One host: an address in a network, or a name. Its identity survives a change of address when it is tracked by name.
create table asset_host (
  tenant_id uuid not null,
  id uuid not null,
  network_id uuid not null,
  -- How it is told apart: by address or by name. `identity` is that address or lower-case name.
  tracking text not null check (tracking in ('address', 'name')),
  identity text not null check (length(identity) between 1 and 255),
  address inet,
  name text check (length(name) <= 255),
  os text,
  -- What the last completed test of it found; null until then.
  state text check (state in ('up', 'dead')),
  first_seen timestamptz,
  last_seen timestamptz,
  last_scanned timestamptz,
  -- 1 (none) to 5 (critical): the highest business impact of its groups.
  impact smallint not null default 2 check (impact between 1 and 5),
  -- 0–1000, by docs/user/scores.md; recomputed when its findings change.
  risk smallint not null default 0,
  -- Open findings by severity 1…5, confirmed and potential, ignored ones apart.
  open1 integer not null default 0,
  open2 integer not null default 0,
  open3 integer not null default 0,
  open4 integer not null default 0,
  open5 integer not null default 0,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, network_id, tracking, identity)
);
select place('asset_host', 'tenant');
create index asset_host_address on asset_host (tenant_id, address);
create index asset_host_risk on asset_host (tenant_id, risk desc, id);

-- The same address in two networks is two hosts. The default network has the tenant's own id.
create table network (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 80),
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select place('network', 'tenant');
alter table asset_host add constraint asset_host_network foreign key (tenant_id, network_id) references network (tenant_id, id);
