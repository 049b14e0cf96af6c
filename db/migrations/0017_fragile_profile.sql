-- A shipped profile for devices that break easily.
alter table option_profile drop constraint option_profile_shipped_check;
alter table option_profile add constraint option_profile_shipped_check check (shipped in ('quick', 'standard', 'full', 'gentle', 'fragile', 'top10'));
