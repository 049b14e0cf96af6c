with t as (
  select c.oid, c.relname as name, c.relpersistence, c.relispartition, c.relrowsecurity, c.relforcerowsecurity, p.kind,
    (select attnum from pg_attribute a where a.attrelid = c.oid and attname = 'tenant_id' and attnotnull and atttypid = 'uuid'::regtype and attgenerated = '') as ten
  from pg_class c left join placement p on p.name = c.relname
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
), s as (
  select * from t where kind in ('tenant', 'reference')
), f as (
  select con.*, a.name, a.kind as k, a.ten as at, coalesce(b.kind, 'local') as rk, b.ten as bt
  from pg_constraint con join t a on a.oid = con.conrelid join t b on b.oid = con.confrelid
  where contype = 'f' and conparentid = 0
)
select 'not placed' as rule, name::text as object from t where kind is null and not relispartition
union all select 'tenant_id uuid not null', name from t where kind = 'tenant' and ten is null
union all select 'no primary key', name from s where not exists (select from pg_index i where i.indrelid = s.oid and indisprimary)
union all select 'unique without tenant_id', i.indexrelid::regclass::text from t join pg_index i on i.indrelid = t.oid
  where kind = 'tenant' and (indisunique or indisexclusion) and not coalesce(ten = any (indkey::int2[]), false)
union all select 'tenant_id not first', i.indexrelid::regclass::text from t join pg_index i on i.indrelid = t.oid
  join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
  where kind = 'tenant' and m.amname = 'btree' and indkey[0] is distinct from ten
union all select 'foreign key', name || '.' || conname from f
  where (k = 'tenant' and rk = 'local') or (k = 'reference' and rk <> 'reference') or (k = 'local' and rk = 'tenant')
    or (k = 'tenant' and rk = 'tenant' and not exists (select from unnest(conkey, confkey) u (x, y) where x = at and y = bt))
    or (k = 'tenant' and at = any (conkey) and (confdeltype in ('n', 'd') or confupdtype in ('n', 'd', 'c')))
union all select 'trigger', name || '.' || tgname from s join pg_trigger g on g.tgrelid = s.oid where not tgisinternal
union all select 'rule', name || '.' || rulename from s join pg_rewrite r on r.ev_class = s.oid
union all select 'identity or sequence', name || '.' || attname from s join pg_attribute a on a.attrelid = s.oid
  left join pg_attrdef d on (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
  where attnum > 0 and (attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) ~ 'nextval')
union all select 'unlogged', name from s where relpersistence <> 'p'
union all select 'inheritance', c.oid::regclass::text from pg_inherits h join s on s.oid = h.inhparent join pg_class c on c.oid = h.inhrelid
  where not c.relispartition and c.relkind in ('r', 'p')
union all select 'row security off or forced', name from t where kind = 'tenant' and not relispartition and (not relrowsecurity or relforcerowsecurity)
union all select 'tenant table without its policies', name from t where kind = 'tenant' and not relispartition
  and (select count(*) from pg_policy p where p.polrelid = t.oid and polname in ('tenant', 'platform')) <> 2
union all select 'policy with a subquery', name || '.' || polname from s join pg_policy p on p.polrelid = s.oid
  where concat(pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) ~* '\mselect\M'
union all select 'owned by the application', t.name from t join pg_class c on c.oid = t.oid where pg_get_userbyid(c.relowner) in ('vigil_app', 'vigil_platform')
union all select 'the application may reach a partition', name from t where relispartition and has_table_privilege('vigil_app', oid, 'select,insert,update,delete')
union all select 'the application may reach a local table', name from t where kind = 'local' and has_table_privilege('vigil_app', oid, 'select,insert,update,delete')
  -- Unless it is fenced like a tenant table: queues are claimed over tenants, and filled and steered inside one.
  and not (relrowsecurity and exists (select from pg_policy p where p.polrelid = t.oid and 'vigil_app'::regrole = any(p.polroles)))
union all select 'view without security_invoker', relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'
  and not coalesce(reloptions::text ~ 'security_invoker=(true|on|1)', false)
