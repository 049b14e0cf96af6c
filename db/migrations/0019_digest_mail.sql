-- Who wants the weekly digest of the KnowledgeBase by mail, and how it went with the last one.
create table digest_subscription (
  user_id uuid primary key references app_user (id) on delete cascade,
  -- The newest week that was sent, or will not be; ISO 8601.
  last_week text not null,
  -- Tries of the week after it that failed, and what the mail server said last.
  tries smallint not null default 0,
  failure text,
  since timestamptz not null
);
select place('digest_subscription', 'reference');
