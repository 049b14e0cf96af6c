-- How our own checks come to be: written, read by a second person, tried on fixtures, tried in canary organisations, published
-- (docs/decisions/034-pipeline.md). It belongs to the installation, not to an organisation, and only vigil_platform reaches it.

-- Who takes part. The first account of the installation does from the start; the operator adds others (vigil kb team).
create table kb_member (
  user_id uuid primary key references app_user (id) on delete cascade,
  author boolean not null,
  reviewer boolean not null,
  publisher boolean not null,
  added_at timestamptz not null
);
select place('kb_member', 'local');
insert into kb_member (user_id, author, reviewer, publisher, added_at)
  select id, true, true, true, created_at from app_user order by created_at, id limit 1;

create table kb_draft (
  id uuid primary key,
  -- The check it makes, changes or withdraws; 0 while its text says none.
  signature_id integer not null check (signature_id between 0 and 9999999),
  intent text not null check (intent in ('add', 'change', 'withdraw')),
  title text not null check (length(title) <= 140),
  state text not null check (state in ('draft', 'review', 'approved', 'tested', 'staged', 'published', 'abandoned')),
  -- Rises with each change of the text; every step names the one it is about.
  revision integer not null,
  -- One signature with its fixtures, as a file of content/. Empty to withdraw.
  body text not null check (length(body) <= 65536),
  -- The signature read from it, while the text has no fault.
  signature jsonb,
  change_log text not null check (length(change_log) <= 2000),
  author_id uuid not null,
  author_name text not null,
  -- All who wrote text of it: none of them may approve it.
  writers uuid[] not null,
  reviewer_id uuid,
  reviewer_name text,
  -- The last regression of this revision; null: not run.
  regression jsonb,
  passed boolean,
  -- The number it was tried under in canary organisations: findings may name it, so that it is this draft's alone.
  staged_as integer,
  -- The release file it came out in first; null before that.
  release integer,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  check (state not in ('approved', 'tested', 'staged', 'published') or (reviewer_id is not null and not reviewer_id = any (writers))),
  check (state not in ('tested', 'staged', 'published') or passed is true)
);
select place('kb_draft', 'local');
create index kb_draft_order on kb_draft (changed_at desc, id desc);
-- Two drafts of one check are not under way at once.
create unique index kb_draft_open on kb_draft (signature_id) where state in ('review', 'approved', 'tested', 'staged') and signature_id > 0;

create table kb_draft_event (
  draft_id uuid not null references kb_draft (id),
  seq integer not null,
  at timestamptz not null,
  user_id uuid not null,
  user_name text not null,
  act text not null check (act in ('created', 'changed', 'submitted', 'approved', 'rejected', 'regressed', 'staged', 'published', 'reopened', 'abandoned')),
  revision integer not null,
  comment text not null check (length(comment) <= 2000),
  primary key (draft_id, seq)
);
select place('kb_draft_event', 'local');

-- What was published of each check last: laid over what content/ has, unless that has a higher version.
create table kb_published (
  signature_id integer primary key,
  draft_id uuid not null,
  -- Null: withdrawn.
  signature jsonb,
  body text not null,
  published_at timestamptz not null
);
select place('kb_published', 'local');

-- The change log: one entry a publication, never changed but for the release it came out in.
create table kb_release_note (
  id uuid primary key,
  draft_id uuid not null,
  signature_id integer not null,
  title text not null,
  kind text not null check (kind in ('added', 'changed', 'withdrawn')),
  severity smallint not null check (severity between 0 and 5),
  text text not null check (length(text) between 10 and 2000),
  at timestamptz not null,
  -- Null: it waits for the next release file.
  release integer
);
select place('kb_release_note', 'local');
create index kb_release_note_at on kb_release_note (at desc);
create index kb_release_note_release on kb_release_note (release);

-- Releases that were in force here, for the list; the files of the last three are kept (src/knowledge/folder.ts).
create table kb_release (
  number integer not null,
  root text not null,
  name text not null,
  at timestamptz not null,
  counts jsonb not null,
  -- How many changes of each kind.
  changed jsonb not null,
  primary key (number, root)
);
select place('kb_release', 'local');
