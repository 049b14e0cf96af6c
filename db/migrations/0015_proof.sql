-- The bytes that decide a finding, as last seen: `Proof` (src/core/proof.ts) as JSON, zstd. In the database and not beside it, so that a finding and its proof are kept, or not, together.
create table finding_proof (
  tenant_id uuid not null,
  finding_id uuid not null,
  at timestamptz not null,
  signature_version integer not null,
  body bytea not null check (octet_length(body) <= 1048576),
  primary key (tenant_id, finding_id),
  foreign key (tenant_id, finding_id) references finding (tenant_id, id) on delete cascade
);
-- It is compressed already.
alter table finding_proof alter column body set storage external;
select place('finding_proof', 'tenant');
