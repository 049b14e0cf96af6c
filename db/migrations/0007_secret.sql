-- Wrapped data keys (envelope encryption). Platform only: the application role never sees even the wrapped form.
create table data_key (
  tenant_id uuid not null,
  id uuid not null,
  wrapped bytea not null,
  created_at timestamptz not null,
  primary key (tenant_id)
);
select place('data_key', 'local');
