-- The event log of release provenance: one row an event, append-only.
--
-- Times are UTC in RFC 3339 with six digits of fraction, so that text order is time order.
-- The table has no rowid: REPLACE could otherwise remove a row by a number that no trigger sees.

create table provenance_audit_log (
  id text primary key not null check (length(id) = 36),
  run_id bigint not null check (typeof(run_id) = 'integer' and run_id >= 0),
  tag text not null,
  release_url text,
  artifact_path text,
  status text not null check (status in ('success', 'failure', 'pending')),
  failure_reason text,
  created_at text not null default (strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))
    check (created_at glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T'
      || '[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
  repository text,
  event text not null check (
    event in ('dispatched', 'provenance', 'validated', 'notified', 'reconciled', 'rolled_back')
  ),
  event_key text not null unique check (event_key <> ''),
  occurred_at text not null
    check (occurred_at glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T'
      || '[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
  attempt integer check (typeof(attempt) in ('integer', 'null') and attempt >= 0),
  validated_at text
    check (validated_at glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T'
      || '[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z'),
  commit_sha text,
  builder_id text,
  slsa_build_level integer
    check (typeof(slsa_build_level) in ('integer', 'null') and slsa_build_level between 0 and 255),
  decision text check (json_valid(decision)),
  manifest_sha256 text,
  actor text
) without rowid;

-- Append-only. The insert trigger is for `insert or replace`, which removes the old row without
-- firing its delete trigger unless `recursive_triggers` is on.

create trigger provenance_audit_log_no_update before update on provenance_audit_log
begin
  select raise(abort, 'provenance_audit_log is append-only: a correction is a new event');
end;

create trigger provenance_audit_log_no_delete before delete on provenance_audit_log
begin
  select raise(abort, 'provenance_audit_log is append-only: a correction is a new event');
end;

create trigger provenance_audit_log_no_replace before insert on provenance_audit_log
when exists (select 1 from provenance_audit_log where id = new.id or event_key = new.event_key)
begin
  select raise(abort, 'provenance_audit_log is append-only: this event is already there');
end;

-- What a release's KPI is made of: the words of its runs.
create index provenance_audit_log_words
  on provenance_audit_log (repository, tag, run_id, coalesce(attempt, 1), occurred_at)
  where event in ('provenance', 'validated');

create index provenance_audit_log_failures
  on provenance_audit_log (repository, occurred_at)
  where status = 'failure' and event in ('provenance', 'validated', 'rolled_back');

-- When each release was first heard of.
create index provenance_audit_log_releases
  on provenance_audit_log (repository, tag, occurred_at, event, status);

-- The latest word on each run: the highest attempt (an unknown one counts as the first), then time.
create view provenance_latest as
select tag, run_id, status, created_at, release_url, validated_at, repository, builder_id,
  slsa_build_level, failure_reason, event, attempt, occurred_at, id
from (
  select tag, run_id, status, created_at, release_url, validated_at, repository, builder_id,
    slsa_build_level, failure_reason, event, attempt, occurred_at, id,
    row_number() over (
      partition by repository, tag, run_id
      order by coalesce(attempt, 1) desc, occurred_at desc, id desc
    ) as newness
  from provenance_audit_log
  where event in ('provenance', 'validated')
)
where newness = 1;

create view provenance_kpi as
select tag, run_id, status, created_at, release_url, validated_at, repository, builder_id,
  slsa_build_level, event, attempt, occurred_at, id
from provenance_latest
where status = 'success';

create view provenance_incidents as
select tag, run_id, failure_reason, created_at, repository, event, attempt, occurred_at, id
from provenance_audit_log
where status = 'failure' and event in ('provenance', 'validated', 'rolled_back');

create view provenance_open_incidents as
select tag, run_id, failure_reason, created_at, repository, event, attempt, occurred_at, id
from provenance_incidents as incident
where not exists (
  select 1
  from provenance_audit_log as later
  where later.event in ('provenance', 'validated')
    and later.status = 'success'
    and later.repository is incident.repository
    and later.tag = incident.tag
    and (later.occurred_at, later.id) > (incident.occurred_at, incident.id)
);

-- One row a UTC day and repository: how the runs stand whose latest word fell on that day.
create view provenance_kpi_daily as
select substr(occurred_at, 1, 10) as day, repository,
  count(*) as runs,
  sum(status = 'success') as succeeded,
  sum(status = 'failure') as failed,
  sum(status = 'pending') as pending
from provenance_latest
group by substr(occurred_at, 1, 10), repository;
