//! A million events: every question of the KPI is answered from an index.

use provost_testkit::postgres::{Cluster, Contents, Database, Flavour, MIGRATIONS, Settings};
use std::sync::Arc;

/// Events that a team would have after years: 400,000 runs of 300 repositories, each started, built
/// and judged; every hundredth failed, of which all but a few were mended by another run.
const FILL: &str = "
  alter table provenance_audit_log disable trigger provenance_audit_log_project;
  alter table provenance_run disable trigger provenance_run_count_new;
  do $$ declare name text; begin
    for name in select indexrelid::regclass from pg_index
      where indrelid in ('provenance_audit_log'::regclass, 'provenance_run'::regclass)
        and not exists (select 1 from pg_constraint where conindid = indexrelid)
    loop execute 'drop index ' || name; end loop;
  end $$;
  create temp table fact as
    select run, 'acme/app-' || run % 300 as repository, 'v' || (run / 2) as tag,
      '2020-01-01T00:00:00Z'::timestamptz + run * interval '8 min' as at,
      case when run % 100 = 0 and (run % 4 = 0 or run % 10000 = 2500) then 'failure' else 'success' end as status
    from generate_series(1, 400000) as run;
  insert into provenance_audit_log (run_id, tag, release_url, status, failure_reason, created_at,
    repository, event, event_key, occurred_at, validated_at, commit_sha)
  select run, tag, 'https://github.com/acme/app/releases/tag/v1',
    case part when 0 then 'pending' else status end,
    case when part > 0 and status = 'failure' then 'refused: source-ref' end,
    at, repository, (array['dispatched', 'provenance', 'validated'])[part + 1],
    part || ':' || run, at + part * interval '1 min',
    case part when 2 then at + interval '2 min' end, '8f70009fde0c1a2b3c4d5e6f708192a3b4c5d6e7'
  from fact cross join generate_series(0, 2) as part
  where part > 0 or run % 2 = 0;
  insert into provenance_run (repository_key, tag, run_id, first_at, dispatched_at, accepted_at,
    succeeded_at, succeeded_id, failed_at, failed_id, id, status, created_at, release_url,
    validated_at, failure_reason, event, occurred_at)
  select repository, tag, run_id, occurred_at - interval '2 min',
    case when run_id % 2 = 0 then occurred_at - interval '2 min' end,
    case status when 'success' then occurred_at end, case status when 'success' then occurred_at end,
    case status when 'success' then id end, case status when 'failure' then occurred_at end,
    case status when 'failure' then id end, id, status, created_at, release_url, validated_at,
    failure_reason, event, occurred_at
  from provenance_audit_log where event = 'validated';
  insert into provenance_day
  select (occurred_at at time zone 'UTC')::date, repository_key, slot, count(*),
    count(*) filter (where status = 'success'), count(*) filter (where status = 'failure'), 0
  from (select *, run_id % 16 as slot from provenance_run) as run group by 1, 2, 3;
  alter table provenance_audit_log enable trigger provenance_audit_log_project;
  alter table provenance_run enable trigger provenance_run_count_new;";

/// The figures of all time, grouped where they are.
macro_rules! all_time {
    ($($of_one:literal)?) => {
        concat!(
            "select count(*), count(*) filter (where accepted), count(took),
               percentile_disc(0.5) within group (order by took),
               percentile_disc(0.95) within group (order by took)
             from (
               select accepted, (extract(epoch from case
                 when dispatched_at <= accepted_at then accepted_at - dispatched_at
                 when first_at < accepted_at then accepted_at - first_at
               end) * 1000000)::bigint as took
               from (
                 select min(first_at) as first_at, min(dispatched_at) as dispatched_at,
                   min(accepted_at) as accepted_at,
                   (array_agg(status = 'success' and accepted_at is not null
                     order by occurred_at desc, id desc) filter (where id is not null))[1]
                     as accepted
                 from provenance_run where tag <> '' ", $($of_one,)?
            " group by repository_key, tag) as release) as release"
        )
    };
}

/// The questions as the program asks them.
const QUESTIONS: [(&str, &str); 27] = [
    (
        "kpi",
        "select to_jsonb(x) from provenance_kpi as x order by occurred_at desc, id desc limit 50",
    ),
    (
        "kpi of a repository since a time",
        "select to_jsonb(x) from provenance_kpi as x where repository = 'acme/app-7'
           and occurred_at >= '2025-12-01T00:00:00Z' order by occurred_at desc, id desc limit 50",
    ),
    (
        "latest",
        "select to_jsonb(x) from provenance_latest as x order by occurred_at desc, id desc limit 50",
    ),
    (
        "latest of a repository",
        "select to_jsonb(x) from provenance_latest as x where repository = 'acme/app-7'
           order by occurred_at desc, id desc limit 50",
    ),
    (
        "incidents",
        "select to_jsonb(x) from provenance_incidents as x order by occurred_at desc, id desc limit 50",
    ),
    (
        "incidents of a repository",
        "select to_jsonb(x) from provenance_incidents as x where repository = 'acme/app-0'
           order by occurred_at desc, id desc limit 50",
    ),
    (
        "open incidents",
        "select to_jsonb(x) from provenance_open_incidents as x order by occurred_at desc, id desc limit 50",
    ),
    ("how many open incidents", "select count(*) from provenance_open_incidents"),
    (
        "dispatches",
        "select to_jsonb(x) from provenance_audit_log as x where event = 'dispatched'
           order by occurred_at desc, id desc limit 50",
    ),
    (
        "daily",
        "select to_jsonb(x) from provenance_kpi_daily as x where day >= '2025-12-01' order by day",
    ),
    (
        "events of a release",
        "select to_jsonb(x) from provenance_audit_log as x where tag = 'v100'
           and repository = 'acme/app-200' order by occurred_at, id",
    ),
    (
        "a page of events",
        "select to_jsonb(x) from provenance_audit_log as x order by occurred_at desc, id desc limit 50",
    ),
    (
        "a page of events of a repository",
        "select to_jsonb(x) from provenance_audit_log as x where repository = 'acme/app-7'
           and (occurred_at, id) < ('2024-01-01T00:00:00Z', '01890a5d-ac96-774b-bcce-b302099a8057')
           order by occurred_at desc, id desc limit 50",
    ),
    (
        "events in the order of writing",
        "select to_jsonb(x) from provenance_audit_log as x where seq > 500000 order by seq limit 500",
    ),
    (
        "releases",
        "select to_jsonb(x) from (select tag, repository, run_id, status, event, occurred_at, id
           from provenance_run as run where event is not null and tag <> ''
             and not exists (select 1 from provenance_run as other
               where other.repository_key = run.repository_key and other.tag = run.tag
                 and other.event is not null
                 and (other.occurred_at, other.id) > (run.occurred_at, run.id))
           order by occurred_at desc, id desc limit 51) as x",
    ),
    (
        "whether a release is accepted",
        "select 1 from provenance_run as run where run.repository_key = 'acme/app-202'
           and run.tag = 'v101' and run.accepted_at is not null",
    ),
    (
        "releases that stand at failure",
        "select to_jsonb(x) from (select tag, repository, run_id, status, event, occurred_at, id
           from provenance_run as run where event is not null and tag <> ''
             and not exists (select 1 from provenance_run as other
               where other.repository_key = run.repository_key and other.tag = run.tag
                 and other.event is not null
                 and (other.occurred_at, other.id) > (run.occurred_at, run.id))
             and status = 'failure'
           order by occurred_at desc, id desc limit 51) as x",
    ),
    (
        "releases by tag",
        "select to_jsonb(x) from (select tag, repository, run_id, status, event, occurred_at, id
           from provenance_run as run where event is not null and tag <> ''
             and not exists (select 1 from provenance_run as other
               where other.repository_key = run.repository_key and other.tag = run.tag
                 and other.event is not null
                 and (other.occurred_at, other.id) > (run.occurred_at, run.id))
             and (tag, repository_key) > ('v2', 'acme/app-7')
           order by tag, repository_key limit 51) as x",
    ),
    (
        "releases of a repository by tag backwards",
        "select to_jsonb(x) from (select tag, repository, run_id, status, event, occurred_at, id
           from provenance_run as run where event is not null and tag <> ''
             and not exists (select 1 from provenance_run as other
               where other.repository_key = run.repository_key and other.tag = run.tag
                 and other.event is not null
                 and (other.occurred_at, other.id) > (run.occurred_at, run.id))
             and repository_key = 'acme/app-7' and repository_key <> ''
           order by tag desc, repository_key desc limit 51) as x",
    ),
    (
        "summary or histories of a month",
        "select concat(min(first_at), min(dispatched_at), min(accepted_at))
         from provenance_run as run where tag <> '' and first_at >= '2025-12-15T00:00:00Z'
         group by repository_key, tag
         having (select min(first_at) from provenance_run as each
           where each.repository_key = run.repository_key and each.tag = run.tag)
           >= '2025-12-15T00:00:00Z'",
    ),
    (
        "days of a month",
        "select day, sum(runs) from provenance_day where day >= '2025-12-01'
         group by day having sum(runs) <> 0 order by day",
    ),
    (
        "repositories",
        "with recursive known as (
           (select repository_key as name from provenance_run
            where repository_key > '' order by repository_key limit 1)
           union all
           select next.repository_key from known
           cross join lateral (
             select repository_key from provenance_run
             where repository_key > known.name order by repository_key limit 1) as next)
         select name from known limit 500",
    ),
    (
        "settled incidents",
        "select to_jsonb(x), (select later.occurred_at from provenance_audit_log as later
            where later.repository = x.repository and later.tag = x.tag
              and later.event in ('provenance', 'validated') and later.status = 'success'
              and (later.occurred_at, later.id) > (x.occurred_at, x.id)
            order by later.occurred_at, later.id limit 1)
         from (select * from provenance_incidents order by occurred_at desc, id desc limit 51) as x",
    ),
    (
        "mark",
        "select newest.seq, (select count(*) from provenance_audit_log as log
           where log.seq > newest.seq - 1000)
         from (select coalesce(max(seq), 0) as seq from provenance_audit_log) as newest",
    ),
    (
        "newest of a kind",
        "select coalesce((select id from provenance_audit_log where event = 'reconciled'
           order by occurred_at desc, id desc limit 1)::text, 'none')
         union all
         select coalesce((select id from provenance_audit_log
           where event = 'reconciled' and repository = 'acme/app-7'
           order by occurred_at desc, id desc limit 1)::text, 'none')",
    ),
    ("summary of all time", all_time!()),
    ("summary of all time of a repository", all_time!("and repository_key = 'acme/app-7'")),
];

#[test]
fn a_million_events_are_asked_through_indexes_only() {
    let settings = Settings {
        without_fsync: true,
        lines: ["max_wal_size = 8GB", "maintenance_work_mem = 256MB", "work_mem = 64MB"]
            .map(str::to_owned)
            .into(),
        flavour: Flavour::Plain,
        folder: None,
    };
    let cluster = match Cluster::start(&settings) {
        Ok(cluster) => Arc::new(cluster),
        Err(reason) => {
            println!("not checked here: PostgreSQL ({reason})");
            return;
        }
    };
    let database = Database::of(&cluster, Contents::Migrated).unwrap();
    let owner = database.owner();
    owner.execute(FILL).unwrap();
    // The files make the indexes again.
    for (_, text) in MIGRATIONS {
        owner.execute(text).unwrap();
    }
    owner
        .execute("reset all; vacuum analyze provenance_audit_log, provenance_run, provenance_day")
        .unwrap();
    assert_eq!(owner.execute("select count(*) from provenance_audit_log").unwrap(), "1000000");
    for (question, query) in QUESTIONS {
        let plan = owner.execute(&format!("explain (analyze, costs off) {query}")).unwrap();
        assert!(!plan.contains("Seq Scan"), "{question}:\n{plan}");
        let rows = owner.execute(query).unwrap();
        assert!(!rows.is_empty(), "{question} is answered by nothing");
    }
}
