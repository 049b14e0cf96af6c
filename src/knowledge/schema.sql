-- One release of the KnowledgeBase: one SQLite file, never changed once it is in force (docs/decisions/030-knowledge.md).
-- Bodies are JSON; those above 1536 bytes are zstd-compressed (first byte 0x28), the others start with `{` or `[`.
pragma page_size = 8192;

create table fact (name text primary key, value text not null) without rowid;

-- One row a feed: sources that come in parts (OSV by ecosystem, OUI by registry, SCAP by platform) have several, told apart by `feed`; the others have ''.
create table source (
  id integer primary key,
  name text not null,
  feed text not null,
  snapshot text,
  version text,
  imported_at text not null,
  -- sha256 of what was read, so that the same again is no work.
  input text not null,
  -- As upstream counts them.
  records integer not null,
  statements integer not null,
  ranges integer not null,
  unused integer not null,
  -- sha256 over its rows in order: what a release is known by.
  content text not null,
  unique (name, feed)
);

create table unused (
  source integer not null references source (id),
  reason text not null,
  count integer not null,
  -- Up to 20 [key, text].
  examples text not null,
  primary key (source, reason)
) without rowid;

-- The merged view, as lists show it; rebuilt from the statements for every vulnerability that an import touched.
create table vulnerability (
  -- src/core/knowledge/number.ts
  id integer primary key,
  name text not null unique,
  title text not null,
  published text,
  modified text,
  withdrawn text,
  -- 0 (not rated) to 5.
  severity integer not null,
  cvss text,
  cvss_version text,
  score real,
  epss real,
  percentile real,
  exploited_since text,
  ransomware integer not null,
  ssvc text,
  exploit text,
  -- Bits: 1 signature, 2 template, 4 package range, 8 product range (CPE), 16 library, 32 industrial (CSAF) product.
  detection integer not null,
  -- Comma-joined, for lists and facets.
  cwe text not null,
  products text not null,
  -- Bits by the place of the source's name in src/knowledge/source-bit.ts.
  sources integer not null,
  -- 0–1000, for the order of lists: src/knowledge/precedence.ts
  risk integer not null,
  changed_in integer not null
);

-- Every other name: GHSA-…, PYSEC-…; and numbers that were given before it was known to be the same as another.
create table alias (name text primary key, vulnerability integer not null) without rowid;
create index alias_of on alias (vulnerability);

-- What each source says, side by side: `Statement` as JSON.
create table statement (
  vulnerability integer not null,
  source integer not null,
  key text not null,
  body blob not null,
  primary key (vulnerability, source, key)
) without rowid;
create index statement_source on statement (source);

create table probability (vulnerability integer primary key, probability real not null, percentile real not null);

-- `Affected` as JSON, found by what it speaks of. The id is vulnerability · 2²² + a hash of the row: what a vulnerability affects lies together, and the same row has
-- the same id in every release. `detects`: it says that versions are affected (not that they are not).
create table affected (
  id integer primary key,
  ecosystem text not null,
  name text not null,
  vulnerability integer not null,
  source integer not null,
  detects integer not null default 1,
  body blob not null
);
create index affected_product on affected (ecosystem, name);
create index affected_vulnerability on affected (vulnerability);
create index affected_source on affected (source);

-- Every check with its number: signatures, templates, libraries, life cycles. Checks of ranges are made of `vulnerability` and `affected`.
create table "check" (
  id integer primary key,
  key text not null unique,
  kind text not null check (kind in ('signature', 'template', 'library', 'lifecycle')),
  source integer not null,
  version integer not null,
  title text not null,
  category text not null,
  severity integer not null,
  type text not null,
  published text,
  changed text,
  -- Whether the engine runs it now, and if not, why.
  runnable integer not null,
  why text,
  body blob not null
);
create index check_source on "check" (source);
create table check_cve ("check" integer not null, vulnerability integer not null, primary key ("check", vulnerability)) without rowid;
create index check_cve_of on check_cve (vulnerability);

create table lifecycle (key text primary key, source integer not null, body blob not null) without rowid;
create table lifecycle_product (ecosystem text not null, name text not null, key text not null, primary key (ecosystem, name, key)) without rowid;
create table library (key text primary key, source integer not null, body blob not null) without rowid;
create table fingerprint (source integer not null, file text not null, position integer not null, body blob not null, primary key (file, position)) without rowid;
create table hardware (prefix text primary key, source integer not null, organization text not null) without rowid;
create table benchmark (key text primary key, source integer not null, body blob not null) without rowid;
create table rule (benchmark text not null, key text not null, source integer not null, body blob not null, primary key (benchmark, key)) without rowid;
create table file (key text primary key, source integer not null, bytes blob not null) without rowid;

-- What each release changed: the log of a vulnerability and of a check.
create table change (
  release integer not null,
  at text not null,
  subject text not null,
  kind text not null check (kind in ('added', 'changed', 'withdrawn', 'exploited', 'noLongerExploited', 'score', 'detection')),
  text text not null,
  source integer,
  id integer primary key
);
create index change_subject on change (subject, release desc);
create index change_release on change (release, kind);

-- What full text finds; rowid is vulnerability.id.
create virtual table search using fts5 (title, products, details, content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2', detail = 'column');
create virtual table word using fts5vocab (search, 'row');
-- Words that occur often enough to be meant by a misspelt one.
create table vocabulary (word text primary key, documents integer not null) without rowid;
-- Fields of all vulnerabilities by column, in the order of id, for filters and facets: src/knowledge/search/columns.ts
create table packed_column (name text primary key, bytes blob not null) without rowid;

-- What is said of each product, in the order of the fix, so that a version finds what holds for it without the rows that do not: src/knowledge/match/packed-product.ts.
-- Made of `affected` alone, and so no part of the root.
create table packed_product (ecosystem text not null, name text not null, body text not null, primary key (ecosystem, name)) without rowid;
