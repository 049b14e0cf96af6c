import type { Sql as Pool } from 'postgres'

/**
 * Fills the tables as years of scanning would: about 20 findings a host, a third of them fixed, a few ignored, spread over the checks of the KnowledgeBase as
 * unevenly as they are found. As the owner, past row-level security; the program itself never writes like this.
 */
export async function fillPages(owner: Pool, tenants: readonly string[], findings: number): Promise<void> {
  const weights = tenants.map((_, place) => (place + 1) ** -0.7)
  const all = weights.reduce((sum, weight) => sum + weight, 0)
  await owner`select setseed(0.42)`
  await owner`create temp table check_list as select row_number() over (order by id) - 1 as n, id, severity, type, kind from signature where not retired`
  const [{ n: checks }] = await owner<[{ n: number }]>`select count(*)::int as n from check_list`
  for (const [place, tenant] of tenants.entries()) {
    const rows = Math.round((findings * weights[place]!) / all)
    const hosts = Math.max(1, Math.round(rows / 20))
    await owner`
      insert into asset_host (tenant_id, id, network_id, tracking, identity, address, name, os, state, first_seen, last_seen, last_scanned, last_outcome, impact, risk, created_at)
      select ${tenant}, gen_random_uuid(), ${tenant}, 'address', host('127.1.0.0'::inet + n), '127.1.0.0'::inet + n, case when n % 2 = 0 then 'host-' || n || '.example' end,
        (array['Debian Linux', 'Ubuntu Linux', 'Windows', null])[1 + n % 4], 'up', now() - interval '200 days', now() - n % 20 * interval '1 day', now() - n % 40 * interval '1 day',
        case when n % 50 = 0 then 'partial' else 'scanned' end, 1 + n % 5, 0, now() - interval '200 days'
      from generate_series(1, ${hosts}::int) as n`
    await owner`insert into address_range (tenant_id, id, network_id, first, last, comment, authority_id, added_by_name, created_at)
      values (${tenant}, gen_random_uuid(), ${tenant}, '127.1.0.0', '127.1.255.255', '', gen_random_uuid(), 'bench', now())`
    await owner`create temp table host_list as select row_number() over () - 1 as n, id from asset_host where tenant_id = ${tenant}`
    await owner`create index on host_list (n)`
    await owner`
      insert into finding (tenant_id, id, asset_id, signature_id, proto, port, instance, severity, type, status, ignored, score, probe, login, first_found, last_found, last_fixed, times_found, times_reopened, last_scan)
      select ${tenant}, gen_random_uuid(), h.id, c.id, 'tcp', (array[22, 80, 443, 443, 3306, 5432, 6379, 8080])[1 + (r.n % 8)], '', c.severity, c.type,
        (array['new', 'active', 'active', 'active', 'active', 'fixed', 'fixed', 'reopened'])[1 + (r.a * 8)::int % 8], r.b < 0.03,
        case when c.type = 'information' then c.severity else (array[8, 28, 48, 72, 92])[c.severity] end, 'service', false,
        now() - r.a * interval '180 days', now() - r.b * interval '30 days', case when (r.a * 8)::int % 8 in (5, 6) then now() - r.b * interval '30 days' end, 1 + (r.b * 20)::int, 0, gen_random_uuid()
      from (select n, random() as a, random() as b, floor(power(random(), 2) * ${checks}::int)::int as c from generate_series(0, ${rows - 1}::int) as n) r
      join host_list h on h.n = r.n % ${hosts}::int join check_list c on c.n = r.c
      on conflict do nothing`
    await owner`drop table host_list`
    await owner`
      insert into finding_evidence (tenant_id, finding_id, at, probe, signature_version, scan_id, result, sent, received, hash)
      select tenant_id, id, last_found, 'service@1', 1, last_scan, 'Seen with version 1.2.3 on this port', 'GET / HTTP/1.1', repeat('received ', 20), '\\x00' from finding where tenant_id = ${tenant}`
    await owner`
      insert into finding_event (tenant_id, id, finding_id, asset_id, signature_id, severity, type, kind, at, text)
      select tenant_id, gen_random_uuid(), id, asset_id, signature_id, severity, type, 'new', first_found, 'Found for the first time.' from finding where tenant_id = ${tenant}
      union all select tenant_id, gen_random_uuid(), id, asset_id, signature_id, severity, type, 'fixed', last_fixed, 'Tested and not found any more.' from finding where tenant_id = ${tenant} and last_fixed is not null`
    await owner`
      insert into asset_service (tenant_id, asset_id, proto, port, open, name, product, tls, first_seen, last_seen)
      select distinct ${tenant}::uuid, asset_id, 'tcp', port, true, 'service', 'Product', false, now(), now() from finding where tenant_id = ${tenant}`
    await owner`
      update asset_host h set open1 = s.o1, open2 = s.o2, open3 = s.o3, open4 = s.o4, open5 = s.o5, risk = least(1000, s.top * h.impact) from (
        select asset_id, count(*) filter (where severity = 1) as o1, count(*) filter (where severity = 2) as o2, count(*) filter (where severity = 3) as o3, count(*) filter (where severity = 4) as o4,
          count(*) filter (where severity = 5) as o5, max(score) as top from finding where tenant_id = ${tenant} and status <> 'fixed' and not ignored and type <> 'information' group by asset_id) s
      where h.tenant_id = ${tenant} and h.id = s.asset_id`
    await owner`
      insert into asset_relief (tenant_id, asset_id, signature_id, relief, findings)
      select tenant_id, asset_id, signature_id, random() * 10, count(*) from finding where tenant_id = ${tenant} and status <> 'fixed' and not ignored and type <> 'information' group by 1, 2, 3`
  }
  await owner`vacuum analyze`
}
