-- What a login learns of a host is kept as everything else that was seen, so that new checks are judged over it with no new scan.
alter table observation drop constraint observation_kind_check;
alter table observation add constraint observation_kind_check
  check (kind in ('host', 'port', 'service', 'tls', 'http', 'login', 'system', 'setting'));
