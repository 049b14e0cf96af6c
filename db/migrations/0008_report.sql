-- A report is made once, in the background, from the state at that moment; its body lies in the blob store until it expires.
create table report (
  tenant_id uuid not null,
  id uuid not null,
  title text not null check (length(title) between 1 and 200),
  kind text not null check (kind in ('executive', 'technical')),
  format text not null check (format in ('html', 'pdf', 'csv', 'xlsx', 'json', 'sarif')),
  -- The findings query, as typed; '' is all open findings.
  query text not null check (length(query) <= 2000),
  -- What the maker could see when it was asked for: null is the whole organisation. A reader must see as much.
  scope jsonb,
  state text not null check (state in ('queued', 'running', 'finished', 'failed')),
  failure text,
  findings integer,
  bytes bigint,
  created_by uuid not null,
  created_by_name text not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  expires_at timestamptz not null,
  primary key (tenant_id, id)
);
select place('report', 'tenant');
