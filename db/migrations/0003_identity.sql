-- People, organisations' members, sign-in, tokens, the audit log. Which part is better-auth's and why: docs/decisions/012-sign-in.md.

-- A person, known to any number of organisations. No counters and no last-seen here: reference tables are written rarely.
create table app_user (
  id uuid primary key,
  name text not null check (length(name) between 1 and 120),
  email text not null unique check (email = lower(email) and length(email) between 3 and 254),
  email_verified boolean not null,
  image text,
  two_factor_enabled boolean,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
select place('app_user', 'reference');

-- How a person proves who they are. `credential` is the password (argon2id); OIDC and SAML accounts will stand beside it.
create table account (
  id uuid primary key,
  account_id text not null,
  provider_id text not null,
  user_id uuid not null references app_user (id) on delete cascade,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  unique (provider_id, account_id)
);
select place('account', 'local');
create index account_user on account (user_id);

-- The cookie carries the token and a signature by a key that is not in the database.
create table session (
  id uuid primary key,
  token text not null unique,
  user_id uuid not null references app_user (id) on delete cascade,
  -- The organisation the person is in now.
  active_tenant_id uuid,
  ip_address text,
  user_agent text,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
select place('session', 'local');
create index session_person on session (user_id);
create index session_expiry on session (expires_at);

create table verification (
  id uuid primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
select place('verification', 'local');
create index verification_identifier on verification (identifier);
create index verification_expiry on verification (expires_at);

create table two_factor (
  id uuid primary key,
  user_id uuid not null references app_user (id) on delete cascade,
  -- Both encrypted with the key that is not in the database.
  secret text not null,
  backup_codes text not null,
  verified boolean,
  failed_verification_count integer,
  locked_until timestamptz
);
select place('two_factor', 'local');
create index two_factor_user on two_factor (user_id);

create table passkey (
  id uuid primary key,
  user_id uuid not null references app_user (id) on delete cascade,
  name text,
  public_key text not null,
  credential_id text not null unique,
  counter bigint not null,
  device_type text not null,
  backed_up boolean not null,
  transports text,
  aaguid text,
  created_at timestamptz
);
select place('passkey', 'local');
create index passkey_user on passkey (user_id);

-- Codes that replace a forgotten password, without mail. 100 random bits each, so that a plain hash keeps them.
create table recovery_code (
  hash bytea primary key,
  user_id uuid not null references app_user (id) on delete cascade,
  created_at timestamptz not null
);
select place('recovery_code', 'local');
create index recovery_code_user on recovery_code (user_id);

-- Links that work once: the first account of a new server, and resets. The link holds the token, this the hash.
create table one_time_link (
  hash bytea primary key,
  purpose text not null check (purpose in ('first_run', 'reset')),
  user_id uuid references app_user (id) on delete cascade,
  expires_at timestamptz not null,
  created_at timestamptz not null
);
select place('one_time_link', 'local');

-- Failed attempts by what was tried (a hash, so that it holds no list of addresses), whether or not such an account exists.
create table login_attempt (
  subject bytea primary key,
  failures integer not null,
  locked_until timestamptz,
  last_at timestamptz not null
);
select place('login_attempt', 'local');
create index login_attempt_last on login_attempt (last_at);

create table business_unit (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 80),
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select place('business_unit', 'tenant');

create table membership (
  tenant_id uuid not null,
  user_id uuid not null references app_user (id),
  role text not null check (role in ('manager', 'unit_manager', 'scanner', 'reader', 'auditor', 'remediation_user', 'knowledgebase_only', 'user_administrator', 'contact')),
  unit_id uuid,
  -- Asset groups the role reaches; read by the roles that do not see everything.
  group_ids uuid[] not null,
  state text not null check (state in ('active', 'inactive')),
  created_at timestamptz not null,
  primary key (tenant_id, user_id),
  foreign key (tenant_id, unit_id) references business_unit (tenant_id, id)
);
select place('membership', 'tenant');
-- "Which organisations am I in", asked at sign-in alone, over all tenants. A hash index, so that no order starts without the tenant.
create index membership_user on membership using hash (user_id);

create table invitation (
  tenant_id uuid not null,
  id uuid not null,
  email text not null check (email = lower(email)),
  role text not null,
  unit_id uuid,
  group_ids uuid[] not null,
  hash bytea not null,
  invited_by uuid not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  foreign key (tenant_id, unit_id) references business_unit (tenant_id, id) on delete cascade
);
select place('invitation', 'tenant');
create unique index invitation_email on invitation (tenant_id, email);

create table api_token (
  tenant_id uuid not null,
  id uuid not null,
  user_id uuid not null references app_user (id),
  name text not null check (length(name) between 1 and 80),
  role text not null,
  -- SHA-256 of the whole token; `hint` is its end, to be told apart by.
  hash bytea not null,
  hint text not null,
  expires_at timestamptz,
  created_at timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, hash)
);
select place('api_token', 'tenant');
create index api_token_user on api_token (tenant_id, user_id);

create table api_token_use (
  tenant_id uuid not null,
  token_id uuid not null,
  last_at timestamptz not null,
  last_ip text,
  primary key (tenant_id, token_id)
);
select place('api_token_use', 'local');

-- What people did. Each row holds the hash of the one before, so that neither a change nor a gap goes unnoticed.
create table audit_event (
  tenant_id uuid not null,
  seq bigint not null,
  id uuid not null,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('person', 'token', 'system')),
  actor_id uuid,
  actor_name text not null,
  ip text,
  action text not null,
  object_kind text,
  object_id text,
  object_name text,
  details jsonb not null,
  previous bytea not null,
  hash bytea not null,
  primary key (tenant_id, seq)
);
select place('audit_event', 'tenant');
revoke update, delete on audit_event from vigil_app, vigil_platform;
create index audit_event_actor on audit_event (tenant_id, actor_id, seq desc);
create index audit_event_action on audit_event (tenant_id, action, seq desc);
create index audit_event_object on audit_event (tenant_id, object_id, seq desc);

-- The end of the chain, apart, since locking a row needs the right to update it.
create table audit_head (
  tenant_id uuid primary key,
  seq bigint not null,
  hash bytea not null
);
select place('audit_head', 'tenant');
