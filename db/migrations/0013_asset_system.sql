-- What a host is: how sure that is (100 is read from the host itself), when it was last told, and what machine it is.
alter table asset_host add column os_sure smallint not null default 0 check (os_sure between 0 and 100);
alter table asset_host add column os_at timestamptz;
alter table asset_host add column hardware text check (length(hardware) <= 200);
