-- What the log comes to, kept with every event, so that no question reads the whole log.

-- One row a repository, tag and run. `repository_key` is "" where the repository is unknown, because
-- a primary key finds no nulls.
--
-- The columns from `id` to `occurred_at` are the latest word on the run: the `provenance` or
-- `validated` event with the highest attempt (an unknown one counts as the first), then the latest
-- `occurred_at`, then the highest `id`. They are null while there is none.
create table provenance_run (
  repository_key text not null,
  tag text not null,
  run_id bigint not null,
  repository text generated always as (nullif(repository_key, '')) virtual,
  -- When the run was first heard of, started, and accepted (`validated` with success).
  first_at text not null,
  dispatched_at text,
  accepted_at text,
  -- The last word of success, and the last incident.
  succeeded_at text,
  succeeded_id text,
  failed_at text,
  failed_id text,
  id text,
  status text,
  created_at text,
  release_url text,
  validated_at text,
  builder_id text,
  slsa_build_level integer,
  failure_reason text,
  event text,
  attempt integer,
  occurred_at text,
  primary key (repository_key, tag, run_id)
) without rowid;

-- One row a UTC day and repository: how many runs have their latest word on that day, by how they
-- stand.
create table provenance_day (
  day text not null,
  repository_key text not null,
  runs integer not null,
  succeeded integer not null,
  failed integer not null,
  pending integer not null,
  primary key (day, repository_key)
) without rowid;

-- A run counts on the day of its latest word, and moves with it.
create trigger provenance_run_count after update of id on provenance_run
begin
  insert into provenance_day (day, repository_key, runs, succeeded, failed, pending)
  values (substr(new.occurred_at, 1, 10), new.repository_key, 1,
    new.status = 'success', new.status = 'failure', new.status = 'pending')
  on conflict (day, repository_key) do update set
    runs = runs + 1,
    succeeded = succeeded + excluded.succeeded,
    failed = failed + excluded.failed,
    pending = pending + excluded.pending;
  update provenance_day set
    runs = runs - 1,
    succeeded = succeeded - (old.status = 'success'),
    failed = failed - (old.status = 'failure'),
    pending = pending - (old.status = 'pending')
  where old.id is not null
    and day = substr(old.occurred_at, 1, 10) and repository_key = old.repository_key;
end;

-- The events that are there. A time has 27 characters, so that time and id together are ordered as
-- the pair of them.
insert into provenance_run (repository_key, tag, run_id, first_at, dispatched_at, accepted_at,
  succeeded_at, succeeded_id, failed_at, failed_id)
select repository_key, tag, run_id, first_at, dispatched_at, accepted_at,
  substr(succeeded, 1, 27), substr(succeeded, 28), substr(failed, 1, 27), substr(failed, 28)
from (
  select coalesce(repository, '') as repository_key, tag, run_id,
    min(occurred_at) as first_at,
    min(occurred_at) filter (where event = 'dispatched') as dispatched_at,
    min(occurred_at) filter (where event = 'validated' and status = 'success') as accepted_at,
    max(occurred_at || id) filter (where event in ('provenance', 'validated') and status = 'success')
      as succeeded,
    max(occurred_at || id)
      filter (where event in ('provenance', 'validated', 'rolled_back') and status = 'failure') as failed
  from provenance_audit_log
  group by coalesce(repository, ''), tag, run_id
);

update provenance_run as run
set id = word.id, status = word.status, created_at = word.created_at,
  release_url = word.release_url, validated_at = word.validated_at, builder_id = word.builder_id,
  slsa_build_level = word.slsa_build_level, failure_reason = word.failure_reason,
  event = word.event, attempt = word.attempt, occurred_at = word.occurred_at
from (
  select *, row_number() over (
    partition by coalesce(repository, ''), tag, run_id
    order by coalesce(attempt, 1) desc, occurred_at desc, id desc
  ) as newness
  from provenance_audit_log
  where event in ('provenance', 'validated')
) as word
where word.newness = 1 and run.repository_key = coalesce(word.repository, '')
  and run.tag = word.tag and run.run_id = word.run_id;

-- The latest words in the order of time: all, those of success, the others by what they are, and
-- those of one repository.
create index provenance_run_latest on provenance_run (occurred_at, id) where event is not null;
create index provenance_run_kpi on provenance_run (occurred_at, id) where status = 'success';
create index provenance_run_other
  on provenance_run (status, occurred_at, id) where status <> 'success';
create index provenance_run_repository_latest on provenance_run (repository, occurred_at, id);
create index provenance_run_tag on provenance_run (tag, repository_key);
create index provenance_run_first on provenance_run (first_at);
-- Runs that were started and of which nothing else is known.
create index provenance_run_waiting
  on provenance_run (dispatched_at) where event is null and dispatched_at is not null;
-- Runs with an incident after their own last success.
create index provenance_run_open
  on provenance_run (failed_at)
  where failed_at is not null
    and (succeeded_at is null or (failed_at, failed_id) > (succeeded_at, succeeded_id));
create index provenance_day_repository on provenance_day (repository_key, day);

-- Keeps `provenance_run` with every event, in whatever order they come: first the marks, then the
-- latest word where this one is later.
create trigger provenance_audit_log_project after insert on provenance_audit_log
begin
  insert into provenance_run (repository_key, tag, run_id, first_at, dispatched_at, accepted_at,
    succeeded_at, succeeded_id, failed_at, failed_id)
  values (coalesce(new.repository, ''), new.tag, new.run_id, new.occurred_at,
    iif(new.event = 'dispatched', new.occurred_at, null),
    iif(new.event = 'validated' and new.status = 'success', new.occurred_at, null),
    iif(new.event in ('provenance', 'validated') and new.status = 'success', new.occurred_at, null),
    iif(new.event in ('provenance', 'validated') and new.status = 'success', new.id, null),
    iif(new.event in ('provenance', 'validated', 'rolled_back') and new.status = 'failure',
      new.occurred_at, null),
    iif(new.event in ('provenance', 'validated', 'rolled_back') and new.status = 'failure',
      new.id, null))
  on conflict (repository_key, tag, run_id) do update set
    first_at = min(first_at, excluded.first_at),
    dispatched_at = coalesce(min(dispatched_at, excluded.dispatched_at),
      dispatched_at, excluded.dispatched_at),
    accepted_at = coalesce(min(accepted_at, excluded.accepted_at),
      accepted_at, excluded.accepted_at),
    succeeded_at = coalesce(max(succeeded_at, excluded.succeeded_at),
      succeeded_at, excluded.succeeded_at),
    succeeded_id = iif(succeeded_at is null or (excluded.succeeded_at, excluded.succeeded_id)
      > (succeeded_at, succeeded_id), excluded.succeeded_id, succeeded_id),
    failed_at = coalesce(max(failed_at, excluded.failed_at), failed_at, excluded.failed_at),
    failed_id = iif(failed_at is null or (excluded.failed_at, excluded.failed_id)
      > (failed_at, failed_id), excluded.failed_id, failed_id);
  update provenance_run
  set id = new.id, status = new.status, created_at = new.created_at,
    release_url = new.release_url, validated_at = new.validated_at, builder_id = new.builder_id,
    slsa_build_level = new.slsa_build_level, failure_reason = new.failure_reason,
    event = new.event, attempt = new.attempt, occurred_at = new.occurred_at
  where new.event in ('provenance', 'validated')
    and repository_key = coalesce(new.repository, '') and tag = new.tag and run_id = new.run_id
    and (event is null or (coalesce(new.attempt, 1), new.occurred_at, new.id)
      > (coalesce(attempt, 1), occurred_at, id));
end;

-- The failures in the order of time, and those of one run.
create index provenance_audit_log_failure_times
  on provenance_audit_log (occurred_at)
  where status = 'failure' and event in ('provenance', 'validated', 'rolled_back');
create index provenance_audit_log_run_failures
  on provenance_audit_log (tag, run_id, repository)
  where status = 'failure' and event in ('provenance', 'validated', 'rolled_back');

-- The events of one repository in the order of time, and those that are no words on a run by kind.
create index provenance_audit_log_repository_times
  on provenance_audit_log (repository, occurred_at);
create index provenance_audit_log_kinds
  on provenance_audit_log (event, occurred_at) where event not in ('provenance', 'validated');
create index provenance_audit_log_repository_kinds
  on provenance_audit_log (event, repository, occurred_at)
  where event not in ('provenance', 'validated');

drop view provenance_kpi_daily;
drop view provenance_open_incidents;
drop view provenance_kpi;
drop view provenance_latest;
drop index provenance_audit_log_words;

-- The latest word on each run.
create view provenance_latest as
select tag, run_id, status, created_at, release_url, validated_at, repository, builder_id,
  slsa_build_level, failure_reason, event, attempt, occurred_at, id
from provenance_run
where event is not null;

create view provenance_kpi as
select tag, run_id, status, created_at, release_url, validated_at, repository, builder_id,
  slsa_build_level, event, attempt, occurred_at, id
from provenance_run
where status = 'success';

-- The incidents with no later success of the same repository and tag. It starts from the few runs
-- that ended in an incident, not from all incidents there ever were.
create view provenance_open_incidents as
select incident.tag, incident.run_id, incident.failure_reason, incident.created_at,
  incident.repository, incident.event, incident.attempt, incident.occurred_at, incident.id
from provenance_run as run indexed by provenance_run_open
cross join provenance_audit_log as incident
  on incident.tag = run.tag
    and incident.run_id = run.run_id
    and incident.repository is run.repository
    and incident.status = 'failure'
    and incident.event in ('provenance', 'validated', 'rolled_back')
where run.failed_at is not null
  and (run.succeeded_at is null
    or (run.failed_at, run.failed_id) > (run.succeeded_at, run.succeeded_id))
  and not exists (
    select 1
    from provenance_run as later
    where later.repository_key = run.repository_key
      and later.tag = run.tag
      and (later.succeeded_at, later.succeeded_id) > (incident.occurred_at, incident.id)
  );

-- One row a UTC day and repository: how the runs stand whose latest word fell on that day.
create view provenance_kpi_daily as
select day, nullif(repository_key, '') as repository, runs, succeeded, failed, pending
from provenance_day
where runs > 0;
