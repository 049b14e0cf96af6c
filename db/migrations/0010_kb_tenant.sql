-- What an organisation says of a check, one row a field: its own severity, that it is disabled, its own words beside the texts. No key to
-- `signature`: a check of a vulnerability gets its row there only when something was found by it.
create table check_edit (
  tenant_id uuid not null,
  signature_id integer not null,
  field text not null check (field in ('severity', 'disabled', 'threat', 'impact', 'solution')),
  severity smallint check (severity between 1 and 5),
  -- The words; of severity and disabled: why.
  text text not null check (length(text) <= 4000),
  by_id uuid not null,
  by_name text not null,
  at timestamptz not null,
  primary key (tenant_id, signature_id, field),
  check ((field = 'severity') = (severity is not null))
);
select place('check_edit', 'tenant');

-- The severity that the check gave, where the organisation has put another in its place (`severity` is always the one that counts).
alter table finding add column rated smallint check (rated between 1 and 5);
-- Hidden because its check is disabled. Then `ignored` is true too, whatever people decided, so that all that leaves out ignored ones
-- leaves it out; a row in finding_ignore says whether people ignored it as well.
alter table finding add column disabled boolean not null default false check (ignored or not disabled);

-- What the KnowledgeBase says of the vulnerabilities of a check beyond their texts: of each fact the worst, and which CVE gave it.
create table signature_threat (
  signature_id integer primary key references signature (id),
  -- The highest base score of its CVEs, where the check has none of its own.
  cvss real,
  exploited_since date,
  exploited_by text,
  ransomware boolean not null,
  ssvc text check (ssvc in ('none', 'poc', 'active')),
  ssvc_by text,
  exploit text check (exploit in ('poc', 'weaponised')),
  exploit_by text,
  epss real,
  epss_by text,
  epss_day date,
  -- When it changed so that scores of findings change, until they did.
  pending timestamptz
);
select place('signature_threat', 'reference');

-- Which formula the stored scores and risks were worked out by: one row, src/platform/finding/rescore.ts.
create table score_formula (
  one boolean primary key check (one),
  version integer not null
);
select place('score_formula', 'local');
insert into score_formula (one, version) values (true, 1);

create table search_list (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 80),
  description text not null check (length(description) <= 500),
  -- Exactly one of the two: what a dynamic list means, or which checks a static one names.
  query text check (length(query) <= 2000),
  checks integer[],
  created_by uuid,
  created_by_name text not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (tenant_id, id),
  check ((query is null) <> (checks is null))
);
select place('search_list', 'tenant');
create unique index search_list_name on search_list (tenant_id, lower(name));

-- The Top 10 of an organisation, worked out each hour; read by the search lists of that name. `own` false: it has none of its own, so that the
-- one of all organisations stands in.
create table top_ten (
  tenant_id uuid not null,
  side text not null check (side in ('internal', 'external')),
  rank smallint not null check (rank between 1 and 10),
  own boolean not null,
  signature_id integer not null,
  severity smallint not null,
  exploited boolean not null,
  hosts integer not null,
  scanned integer not null,
  score real not null,
  at timestamptz not null,
  primary key (tenant_id, side, rank)
);
select place('top_ten', 'tenant');

-- The Top 10 of all organisations. Sums only, and of a check only when five of them have it.
create table top_ten_platform (
  side text not null check (side in ('internal', 'external')),
  rank smallint not null check (rank between 1 and 10),
  signature_id integer not null,
  severity smallint not null,
  exploited boolean not null,
  hosts integer not null,
  scanned integer not null,
  score real not null,
  at timestamptz not null,
  primary key (side, rank)
);
select place('top_ten_platform', 'local');

-- What to fix first, worked out over an organisation too large to do it while somebody waits (src/platform/finding/fix-plan.ts).
create table fix_plan (
  tenant_id uuid primary key,
  plan jsonb not null,
  at timestamptz not null
);
select place('fix_plan', 'tenant');

alter table option_profile drop constraint option_profile_shipped_check;
alter table option_profile add constraint option_profile_shipped_check check (shipped in ('quick', 'standard', 'full', 'gentle', 'top10'));
alter table report drop constraint report_kind_check;
alter table report add constraint report_kind_check check (kind in ('executive', 'technical', 'top10'));
