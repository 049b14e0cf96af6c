-- What speaks TLS, how well, and with which certificate: one row an address, port and name. Told anew by each look; gone when a look found the port closed or nothing of TLS there.
create table tls_endpoint (
  tenant_id uuid not null,
  id uuid not null,
  asset_id uuid not null,
  port integer not null check (port between 1 and 65535),
  -- The name it was asked by; '' for none.
  host text not null,
  starttls text,
  grade text,
  otherwise text,
  score smallint,
  reasons jsonb not null,
  accepted text[] not null,
  -- Null: no certificate could be read.
  sha256 text,
  subject text,
  issuer text,
  names text[] not null,
  key_type text,
  key_bits integer,
  signature_algorithm text,
  not_before timestamptz,
  not_after timestamptz,
  self_signed boolean,
  trusted boolean,
  trust_error text,
  first_seen timestamptz not null,
  last_seen timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, asset_id, port, host),
  foreign key (tenant_id, asset_id) references asset_host (tenant_id, id) on delete cascade
);
select place('tls_endpoint', 'tenant');
create index tls_endpoint_expiry on tls_endpoint (tenant_id, not_after, id);
create index tls_endpoint_certificate on tls_endpoint (tenant_id, sha256);
