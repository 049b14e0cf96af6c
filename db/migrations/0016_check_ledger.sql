-- What became of each check on the host: {"total", "found", "tested", "absent", "untested": {reason: count}}; the parts sum to the total (src/platform/finding/check-ledger.ts). Empty: not counted.
alter table asset_scan add column checks jsonb not null default '{}';
