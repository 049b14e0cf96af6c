-- The checks of the current KnowledgeBase release, for joins and for browsing; the release itself is content/ or a bundle.
create table signature (
  id integer primary key,
  version integer not null,
  title text not null,
  category text not null,
  severity smallint not null check (severity between 1 and 5),
  type text not null check (type in ('confirmed', 'potential', 'information')),
  kind text not null,
  cve text[] not null,
  cwe text[] not null,
  cvss text,
  score real,
  products text[] not null,
  pci text,
  threat text not null,
  impact text not null,
  solution text not null,
  reference text[] not null,
  published date not null,
  changed date not null,
  -- Checks that left the KnowledgeBase stay for the findings that name them.
  retired boolean not null,
  search text not null
);
select place('signature', 'reference');
create index signature_cve on signature using gin (cve);

create table knowledge_release (
  release text primary key,
  signatures integer not null,
  loaded_at timestamptz not null
);
select place('knowledge_release', 'reference');
