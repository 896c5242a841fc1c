-- The event log of release provenance: one row an event, append-only.
--
-- For `supabase db push`, for `provost store migrate` and for psql alike, beside other migrations and
-- without Supabase's roles as well. A second run changes nothing.
-- Needs PostgreSQL 15 (views with the rights of their reader) and a database in UTF8.

-- Whose are the names? Nothing is taken over that something else made.
do $$
declare
  taken text;
begin
  if to_regclass('public.provenance_schema') is null then
    select relname into taken
    from pg_catalog.pg_class
    where relnamespace = 'public'::regnamespace
      and relname in ('provenance_audit_log', 'provenance_run', 'provenance_day', 'provenance_latest',
        'provenance_kpi', 'provenance_incidents', 'provenance_open_incidents', 'provenance_kpi_daily')
    order by relname
    limit 1;
    if taken is not null then
      raise exception 'public.% is there already and is not an event log of this program: nothing was changed', taken
        using hint = 'rename it, or use another database';
    end if;
  end if;
  if current_setting('server_encoding') <> 'UTF8' then
    raise exception 'the database has the encoding %: the event log needs UTF8', current_setting('server_encoding');
  end if;
end
$$;

-- Which of these files were applied.
create table if not exists public.provenance_schema (
  version bigint primary key,
  applied_at timestamptz not null default now()
);

-- The log ---------------------------------------------------------------------------------------

-- Times lie between what PostgreSQL and what the program can hold. Texts that stand in an index are
-- bounded, so that a long one is refused by itself and not with everything sent beside it.
-- `repository` is null or a name: an event key tells no difference between "" and unknown either.
create table if not exists public.provenance_audit_log (
  id uuid primary key default gen_random_uuid(),
  run_id bigint not null check (run_id >= 0),
  tag text collate "C" not null check (octet_length(tag) <= 1024),
  release_url text,
  artifact_path text,
  status text not null check (status in ('success', 'failure', 'pending')),
  failure_reason text,
  created_at timestamptz not null default now()
    check (created_at between '0001-01-01T00:00:00Z' and '9999-12-30T22:00:00.999999Z'),
  repository text collate "C" check (repository <> '' and octet_length(repository) <= 512),
  event text not null check (
    event in ('dispatched', 'provenance', 'validated', 'notified', 'reconciled', 'rolled_back')
  ),
  event_key text collate "C" not null unique check (event_key <> '' and octet_length(event_key) <= 256),
  occurred_at timestamptz not null
    check (occurred_at between '0001-01-01T00:00:00Z' and '9999-12-30T22:00:00.999999Z'),
  attempt bigint check (attempt between 0 and 4294967295),
  validated_at timestamptz
    check (validated_at between '0001-01-01T00:00:00Z' and '9999-12-30T22:00:00.999999Z'),
  commit_sha text,
  builder_id text,
  slsa_build_level smallint check (slsa_build_level between 0 and 255),
  decision jsonb,
  manifest_sha256 text,
  actor text,
  -- The order of writing; sealing and paging go by it. A number may be missing.
  seq bigint generated always as identity unique
);

comment on table public.provenance_audit_log is
  'Event log of release provenance. Append-only: a correction is a new event.';

create index if not exists provenance_audit_log_releases
  on public.provenance_audit_log (tag, repository, occurred_at, id);

-- Pages of the log, newest first.
create index if not exists provenance_audit_log_times
  on public.provenance_audit_log (occurred_at, id);
create index if not exists provenance_audit_log_repository_times
  on public.provenance_audit_log (repository, occurred_at, id);

create index if not exists provenance_audit_log_failures
  on public.provenance_audit_log (occurred_at, id)
  where status = 'failure' and event in ('provenance', 'validated', 'rolled_back');

create index if not exists provenance_audit_log_repository_failures
  on public.provenance_audit_log (repository, occurred_at, id)
  where status = 'failure' and event in ('provenance', 'validated', 'rolled_back');

-- The failures of one run, for those that are still open.
create index if not exists provenance_audit_log_run_failures
  on public.provenance_audit_log (tag, run_id, coalesce(repository, ''), occurred_at, id)
  where status = 'failure' and event in ('provenance', 'validated', 'rolled_back');

create index if not exists provenance_audit_log_dispatches
  on public.provenance_audit_log (occurred_at, id) where event = 'dispatched';

create index if not exists provenance_audit_log_repository_dispatches
  on public.provenance_audit_log (repository, occurred_at, id) where event = 'dispatched';

create or replace function public.provenance_refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception '% is append-only: a correction is a new event', tg_table_name
    using errcode = 'restrict_violation';
end
$$;

-- For every role, the owner and a superuser included; by statement, so that it also answers a change
-- of no row; always, so that `session_replication_role` does not switch it off.
create or replace trigger provenance_audit_log_append_only
  before update or delete or truncate on public.provenance_audit_log
  for each statement execute function public.provenance_refuse_change();
alter table public.provenance_audit_log enable always trigger provenance_audit_log_append_only;

-- What the log comes to ---------------------------------------------------------------------------

-- One row a repository, tag and run. `repository_key` is "" where the repository is unknown, because
-- a primary key has no nulls and an index finds no `is not distinct from`.
--
-- The columns from `id` to `occurred_at` are the latest word on the run: the `provenance` or
-- `validated` event with the highest attempt (an unknown one counts as the first), then the latest
-- `occurred_at`, then the highest `id`. They are null while there is none.
create table if not exists public.provenance_run (
  repository_key text collate "C" not null,
  tag text collate "C" not null,
  run_id bigint not null,
  repository text collate "C" generated always as (nullif(repository_key, '')) stored,
  -- When the run was first heard of, started, and accepted (`validated` with success).
  first_at timestamptz not null,
  dispatched_at timestamptz,
  accepted_at timestamptz,
  -- The last word of success, and the last incident.
  succeeded_at timestamptz,
  succeeded_id uuid,
  failed_at timestamptz,
  failed_id uuid,
  id uuid,
  status text,
  created_at timestamptz,
  release_url text,
  validated_at timestamptz,
  builder_id text,
  slsa_build_level smallint,
  failure_reason text,
  event text,
  attempt bigint,
  occurred_at timestamptz,
  primary key (repository_key, tag, run_id)
);

create index if not exists provenance_run_latest
  on public.provenance_run (occurred_at, id) where event is not null;
create index if not exists provenance_run_repository_latest
  on public.provenance_run (repository, occurred_at, id) where event is not null;
create index if not exists provenance_run_kpi
  on public.provenance_run (occurred_at, id) where status = 'success';
create index if not exists provenance_run_first on public.provenance_run (first_at);
-- Runs that were started and of which nothing else is known.
create index if not exists provenance_run_waiting
  on public.provenance_run (dispatched_at) where event is null and dispatched_at is not null;
-- Runs with an incident after their own last success.
create index if not exists provenance_run_open
  on public.provenance_run (failed_at, failed_id)
  where failed_at is not null
    and (succeeded_at is null or (failed_at, failed_id) > (succeeded_at, succeeded_id));

-- One row a UTC day, repository and slot: how many runs have their latest word on that day, by how
-- they stand. Writers add to different slots, so that they do not wait for each other on the row of
-- today; a slot by itself may be negative, the sum over the slots is the number.
create table if not exists public.provenance_day (
  day date not null,
  repository_key text collate "C" not null,
  slot smallint not null,
  runs bigint not null,
  succeeded bigint not null,
  failed bigint not null,
  pending bigint not null,
  primary key (day, repository_key, slot)
);

create index if not exists provenance_day_repository
  on public.provenance_day (repository_key, day);

-- Keeps `provenance_run` with every insert into the log, whoever makes it and in whatever order the
-- events come. Rows are taken in the order of their key, so that two writers never wait for each
-- other in a circle.
create or replace function public.provenance_project() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  insert into public.provenance_run as run (
    repository_key, tag, run_id, first_at, dispatched_at, accepted_at,
    succeeded_at, succeeded_id, failed_at, failed_id,
    id, status, created_at, release_url, validated_at, builder_id, slsa_build_level,
    failure_reason, event, attempt, occurred_at
  )
  select mark.repository_key, mark.tag, mark.run_id, first_at, dispatched_at, accepted_at,
    mark.succeeded_at, succeeded_id, mark.failed_at, failed_id,
    word.id, status, created_at, release_url, validated_at, builder_id, slsa_build_level,
    failure_reason, event, attempt, occurred_at
  from (
    select coalesce(repository, '') as repository_key, tag, run_id,
      min(occurred_at) as first_at,
      min(occurred_at) filter (where event = 'dispatched') as dispatched_at,
      min(occurred_at) filter (where event = 'validated' and status = 'success') as accepted_at,
      max(occurred_at) filter (where event in ('provenance', 'validated') and status = 'success')
        as succeeded_at,
      (array_agg(id order by occurred_at desc, id desc)
        filter (where event in ('provenance', 'validated') and status = 'success'))[1]
        as succeeded_id,
      max(occurred_at)
        filter (where event in ('provenance', 'validated', 'rolled_back') and status = 'failure')
        as failed_at,
      (array_agg(id order by occurred_at desc, id desc)
        filter (where event in ('provenance', 'validated', 'rolled_back') and status = 'failure'))[1]
        as failed_id
    from inserted
    group by coalesce(repository, ''), tag, run_id
  ) as mark
  left join (
    select distinct on (coalesce(repository, ''), tag, run_id)
      coalesce(repository, '') as repository_key, tag, run_id,
      id, status, created_at, release_url, validated_at, builder_id, slsa_build_level,
      failure_reason, event, attempt, occurred_at
    from inserted
    where event in ('provenance', 'validated')
    order by coalesce(repository, ''), tag, run_id, coalesce(attempt, 1) desc, occurred_at desc, id desc
  ) as word
    on word.repository_key = mark.repository_key and word.tag = mark.tag and word.run_id = mark.run_id
  order by mark.repository_key, mark.tag, mark.run_id
  on conflict (repository_key, tag, run_id) do update set
    first_at = least(run.first_at, excluded.first_at),
    dispatched_at = least(run.dispatched_at, excluded.dispatched_at),
    accepted_at = least(run.accepted_at, excluded.accepted_at),
    succeeded_at = greatest(run.succeeded_at, excluded.succeeded_at),
    succeeded_id = case
      when run.succeeded_at is null
        or (excluded.succeeded_at, excluded.succeeded_id) > (run.succeeded_at, run.succeeded_id)
        then excluded.succeeded_id
      else run.succeeded_id
    end,
    failed_at = greatest(run.failed_at, excluded.failed_at),
    failed_id = case
      when run.failed_at is null
        or (excluded.failed_at, excluded.failed_id) > (run.failed_at, run.failed_id)
        then excluded.failed_id
      else run.failed_id
    end,
    (id, status, created_at, release_url, validated_at, builder_id, slsa_build_level,
      failure_reason, event, attempt, occurred_at) = (
      select newest.id, newest.status, newest.created_at, newest.release_url, newest.validated_at,
        newest.builder_id, newest.slsa_build_level, newest.failure_reason, newest.event,
        newest.attempt, newest.occurred_at
      from (values
        (run.id, run.status, run.created_at, run.release_url, run.validated_at, run.builder_id,
          run.slsa_build_level, run.failure_reason, run.event, run.attempt, run.occurred_at),
        (excluded.id, excluded.status, excluded.created_at, excluded.release_url,
          excluded.validated_at, excluded.builder_id, excluded.slsa_build_level,
          excluded.failure_reason, excluded.event, excluded.attempt, excluded.occurred_at)
      ) as newest (id, status, created_at, release_url, validated_at, builder_id, slsa_build_level,
        failure_reason, event, attempt, occurred_at)
      order by newest.event is null, coalesce(newest.attempt, 1) desc, newest.occurred_at desc,
        newest.id desc
      limit 1
    );
  return null;
end
$$;

create or replace trigger provenance_audit_log_project
  after insert on public.provenance_audit_log
  referencing new table as inserted
  for each statement execute function public.provenance_project();

-- Keeps `provenance_day`: a run counts on the day of its latest word, and moves with it.
create or replace function public.provenance_count() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    insert into public.provenance_day as counted
      (day, repository_key, slot, runs, succeeded, failed, pending)
    select (occurred_at at time zone 'UTC')::date, repository_key, pg_backend_pid() % 16, count(*),
      count(*) filter (where status = 'success'), count(*) filter (where status = 'failure'),
      count(*) filter (where status = 'pending')
    from arrived
    where event is not null
    group by 1, 2
    order by 1, 2
    on conflict (day, repository_key, slot) do update set
      runs = counted.runs + excluded.runs,
      succeeded = counted.succeeded + excluded.succeeded,
      failed = counted.failed + excluded.failed,
      pending = counted.pending + excluded.pending;
  else
    insert into public.provenance_day as counted
      (day, repository_key, slot, runs, succeeded, failed, pending)
    select (occurred_at at time zone 'UTC')::date, repository_key, pg_backend_pid() % 16, sum(sign),
      coalesce(sum(sign) filter (where status = 'success'), 0),
      coalesce(sum(sign) filter (where status = 'failure'), 0),
      coalesce(sum(sign) filter (where status = 'pending'), 0)
    from (
      select occurred_at, repository_key, status, -1 as sign from departed where event is not null
      union all
      select occurred_at, repository_key, status, 1 from arrived where event is not null
    ) as moved
    group by 1, 2
    having sum(sign) <> 0
      or sum(sign) filter (where status = 'success') <> 0
      or sum(sign) filter (where status = 'failure') <> 0
      or sum(sign) filter (where status = 'pending') <> 0
    order by 1, 2
    on conflict (day, repository_key, slot) do update set
      runs = counted.runs + excluded.runs,
      succeeded = counted.succeeded + excluded.succeeded,
      failed = counted.failed + excluded.failed,
      pending = counted.pending + excluded.pending;
  end if;
  return null;
end
$$;

create or replace trigger provenance_run_count_new
  after insert on public.provenance_run
  referencing new table as arrived
  for each statement execute function public.provenance_count();
create or replace trigger provenance_run_count_moved
  after update on public.provenance_run
  referencing old table as departed new table as arrived
  for each statement execute function public.provenance_count();

-- Views, with the rights of whoever reads them ----------------------------------------------------

-- The latest word on each run.
create or replace view public.provenance_latest with (security_invoker = true) as
select tag, run_id, status, created_at, release_url, validated_at, repository, builder_id,
  slsa_build_level, failure_reason, event, attempt, occurred_at, id
from public.provenance_run
where event is not null;

-- The runs whose latest word is success. The same text stands in supabase/views/provenance_kpi.sql.
create or replace view public.provenance_kpi with (security_invoker = true) as
select tag, run_id, status, created_at, release_url, validated_at, repository, builder_id,
  slsa_build_level, event, attempt, occurred_at, id
from public.provenance_run
where status = 'success';

create or replace view public.provenance_incidents with (security_invoker = true) as
select tag, run_id, failure_reason, created_at, repository, event, attempt, occurred_at, id
from public.provenance_audit_log
where status = 'failure' and event in ('provenance', 'validated', 'rolled_back');

-- The incidents with no later success of the same repository and tag. It starts from the few runs
-- that ended in an incident, not from all incidents there ever were.
create or replace view public.provenance_open_incidents with (security_invoker = true) as
select incident.tag, incident.run_id, incident.failure_reason, incident.created_at,
  incident.repository, incident.event, incident.attempt, incident.occurred_at, incident.id
from public.provenance_run as run
cross join lateral (
  select *
  from public.provenance_audit_log as failure
  where failure.tag = run.tag
    and failure.run_id = run.run_id
    and coalesce(failure.repository, '') = run.repository_key
    and failure.status = 'failure'
    and failure.event in ('provenance', 'validated', 'rolled_back')
  offset 0
) as incident
where run.failed_at is not null
  and (run.succeeded_at is null or (run.failed_at, run.failed_id) > (run.succeeded_at, run.succeeded_id))
  and not exists (
    select 1
    from public.provenance_run as later
    where later.repository_key = run.repository_key
      and later.tag = run.tag
      and (later.succeeded_at, later.succeeded_id) > (incident.occurred_at, incident.id)
  );

-- One row a UTC day and repository: how the runs stand whose latest word fell on that day.
create or replace view public.provenance_kpi_daily with (security_invoker = true) as
select day, nullif(repository_key, '') as repository,
  sum(runs)::bigint as runs,
  sum(succeeded)::bigint as succeeded,
  sum(failed)::bigint as failed,
  sum(pending)::bigint as pending
from public.provenance_day
group by day, repository_key
having sum(runs) <> 0;

-- Writing -----------------------------------------------------------------------------------------

-- An RFC 3339 time as UTC in the shortest form, "2026-11-23T12:00:00.5Z"; null for anything else.
-- Nine digits of fraction at most. A leap second is the second before it. Event keys are made of
-- this text, so it keeps the digits that a timestamptz cannot.
create or replace function public.provenance_uncommon_time_text(given text) returns text
language sql stable parallel safe
return case
  when given !~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)([.][0-9]{1,9})?([Zz]|[+-](0[0-9]|1[0-5]):[0-5][0-9])$'
    or left(given, 4) = '0000'
    or substr(given, 9, 2)::int > case
      when substr(given, 6, 2) in ('04', '06', '09', '11') then 30
      when substr(given, 6, 2) <> '02' then 31
      when left(given, 4)::int % 4 = 0 and (left(given, 4)::int % 100 <> 0 or left(given, 4)::int % 400 = 0)
        then 29
      else 28
    end
    then null
  when (replace(left(given, 19), ':60', ':59') || substring(given from '([Zz]|[+-][0-9:]+)$'))::timestamptz
    not between '0001-01-01T00:00:00Z' and '9999-12-30T22:00:00Z' then null
  else
    to_char(
      (replace(left(given, 19), ':60', ':59') || substring(given from '([Zz]|[+-][0-9:]+)$'))::timestamptz
        at time zone 'UTC',
      'YYYY-MM-DD"T"HH24:MI:SS'
    ) || rtrim(rtrim(coalesce(substring(given from '[.][0-9]+'), ''), '0'), '.') || 'Z'
end;

-- The same; a time that is written so already is known by its look alone.
create or replace function public.provenance_time_text(given text) returns text
language sql stable parallel safe
return case
  when given ~ '^[1-8][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{0,8}[1-9])?Z$'
    then given
  when given is not null then public.provenance_uncommon_time_text(given)
end;

-- Such a text as a time; what is finer than a microsecond is cut off, never rounded.
create or replace function public.provenance_time(canonical text) returns timestamptz
language sql stable parallel safe
return (left(rtrim(canonical, 'Z'), 26) || 'Z')::timestamptz;

-- The key of an event: its kind, and SHA-256 over what makes it this event.
create or replace function public.provenance_key(kind text, parts text) returns text
language sql stable parallel safe
return kind || ':' || encode(sha256(convert_to(parts, 'UTF8')), 'hex');

-- Number `ord` of the ids of one call, version 7 of RFC 9562: later written is higher. `millisecond`
-- is the time of the call.
create or replace function public.provenance_id(millisecond bigint, ord bigint) returns uuid
language sql volatile parallel safe
return encode(
  overlay(
    uuid_send(gen_random_uuid())
    placing substr(int8send(((millisecond + ord / 4096) << 16) | 28672 | (ord % 4096)), 1)
    from 1 for 8
  ),
  'hex'
)::uuid;

-- What is said of a JSON value that is not of the kind it must be.
create or replace function public.provenance_kind(value jsonb) returns text
language sql immutable parallel safe
return case jsonb_typeof(value)
  when 'object' then 'an object'
  when 'array' then 'an array'
  when 'string' then 'a string'
  when 'number' then 'a number'
  when 'boolean' then 'a boolean'
  when 'null' then 'null'
  else 'missing'
end;

-- The first of the keys whose value is there and is no string, with what it is.
create or replace function public.provenance_no_string(object jsonb, keys text[]) returns text
language sql immutable parallel safe
return (
  select format('%s is %s, not a string', key, public.provenance_kind(object -> key))
  from unnest(keys) with ordinality as wanted (key, ord)
  where jsonb_typeof(object -> key) <> 'string'
  order by jsonb_typeof(object -> key) = 'null', ord
  limit 1
);

-- Writes rows that stand as they shall be in the log, each with the problem that forbids it or null.
-- Same key again: a duplicate when no fact that both know differs; what one side does not know
-- contradicts nothing. Of two rows with the same key in one call the first is written.
--
-- Rows are written in the order of their keys: two calls at the same time wait for each other's keys
-- in one direction only.
create or replace function public.provenance_append(
  given public.provenance_audit_log[], problems text[]
) returns table (ord bigint, outcome text, id uuid, event_key text, problem text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  fresh uuid[];
begin
  with written as (
    insert into public.provenance_audit_log (
      id, run_id, tag, release_url, artifact_path, status, failure_reason, created_at, repository,
      event, event_key, occurred_at, attempt, validated_at, commit_sha, builder_id,
      slsa_build_level, decision, manifest_sha256, actor, seq
    )
    overriding system value
    select row.id, row.run_id, row.tag, row.release_url, row.artifact_path, row.status,
      row.failure_reason, row.created_at, row.repository, row.event, row.event_key,
      row.occurred_at, row.attempt, row.validated_at, row.commit_sha, row.builder_id,
      row.slsa_build_level, row.decision, row.manifest_sha256, row.actor, row.number
    from (
      -- Numbers follow the order in which the rows are given.
      select *, nextval('public.provenance_audit_log_seq_seq') as number
      from unnest(given, problems) with ordinality as row (
        id, run_id, tag, release_url, artifact_path, status, failure_reason, created_at, repository,
        event, event_key, occurred_at, attempt, validated_at, commit_sha, builder_id,
        slsa_build_level, decision, manifest_sha256, actor, seq, problem, ord
      )
      where row.problem is null
      offset 0
    ) as row
    order by row.event_key, row.ord
    on conflict do nothing
    returning provenance_audit_log.id
  )
  select array_agg(written.id) into fresh from written;

  if cardinality(fresh) = cardinality(given) then
    return query
    select row.ord, 'inserted', row.id, row.event_key, null::text
    from unnest(given) with ordinality as row (
      id, run_id, tag, release_url, artifact_path, status, failure_reason, created_at, repository,
      event, event_key, occurred_at, attempt, validated_at, commit_sha, builder_id,
      slsa_build_level, decision, manifest_sha256, actor, seq, ord
    );
    return;
  end if;

  -- A statement of its own: it sees what another call committed while this one waited for it.
  return query
  select row.ord,
    case
      when row.problem is not null then 'rejected'
      when fresh_id is not null and row.nth = 1 then 'inserted'
      when there.id is null or differing is not null then 'rejected'
      else 'duplicate'
    end,
    case when row.problem is null and differing is null then there.id end,
    row.event_key,
    case
      when row.problem is not null then row.problem
      when there.id is null then format('id %s belongs to another event', row.id)
      when differing is not null then format(
        'event %s is already in the log as %s with another %s: nothing was written; a correction needs a key of its own',
        row.event_key, there.id, differing)
    end
  from (
    select *, row_number() over (partition by event_key, problem is null order by ord) as nth
    from unnest(given, problems) with ordinality as row (
      id, run_id, tag, release_url, artifact_path, status, failure_reason, created_at, repository,
      event, event_key, occurred_at, attempt, validated_at, commit_sha, builder_id,
      slsa_build_level, decision, manifest_sha256, actor, seq, problem, ord
    )
  ) as row
  left join public.provenance_audit_log as there
    on there.event_key = row.event_key and row.problem is null
  left join unnest(fresh) as fresh_id on fresh_id = there.id
  cross join lateral (
    select case
      when there.event <> row.event then 'event'
      when there.status <> row.status then 'status'
      when there.run_id <> row.run_id then 'run_id'
      when there.tag <> row.tag then 'tag'
      when there.repository <> row.repository then 'repository'
      when there.occurred_at <> row.occurred_at then 'occurred_at'
      when there.attempt <> row.attempt then 'attempt'
      when there.validated_at <> row.validated_at then 'validated_at'
      when there.commit_sha <> row.commit_sha then 'commit_sha'
      when there.builder_id <> row.builder_id then 'builder_id'
      when there.slsa_build_level <> row.slsa_build_level then 'slsa_build_level'
      when there.failure_reason <> row.failure_reason then 'failure_reason'
      when there.release_url <> row.release_url then 'release_url'
      when there.artifact_path <> row.artifact_path then 'artifact_path'
    end as differing
  ) as comparison
  order by row.ord;
end
$$;

-- Writes events. An event is an object with the names of the columns as keys; `run_id` and `attempt`
-- are numbers or decimal texts, times are RFC 3339, null is the same as absent, `id` and `created_at`
-- may be left to the database. An unknown key is refused: no event is kept with less than was sent.
-- Answers one row an event, in order, `index` from 0: `inserted`,
-- `duplicate`, or `rejected` with the reason. What is rejected keeps nothing else out.
create or replace function public.append_provenance_events(events jsonb)
returns table (index int, outcome text, id uuid, event_key text, problem text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  given public.provenance_audit_log[];
  problems text[];
  millisecond bigint := floor(extract(epoch from clock_timestamp()) * 1000);
  written_at timestamptz := now();
begin
  if jsonb_typeof(events) is distinct from 'array' then
    raise exception 'the events are %, not a JSON array', public.provenance_kind(events)
      using errcode = 'invalid_parameter_value';
  end if;
  select
    array_agg(
      case when checked.problem is null then row(
        coalesce((event ->> 'id')::uuid, public.provenance_id(millisecond, ord)),
        (event ->> 'run_id')::bigint,
        event ->> 'tag',
        event ->> 'release_url',
        event ->> 'artifact_path',
        event ->> 'status',
        event ->> 'failure_reason',
        coalesce(public.provenance_time(created_at), written_at),
        nullif(event ->> 'repository', ''),
        event ->> 'event',
        event ->> 'event_key',
        public.provenance_time(occurred_at),
        (event ->> 'attempt')::bigint,
        public.provenance_time(validated_at),
        event ->> 'commit_sha',
        event ->> 'builder_id',
        (event ->> 'slsa_build_level')::smallint,
        nullif(event -> 'decision', 'null'),
        event ->> 'manifest_sha256',
        event ->> 'actor',
        null
      )::public.provenance_audit_log
      else row(null, null, null, null, null, null, null, null, null, null,
        case when jsonb_typeof(event) = 'object' then event ->> 'event_key' end,
        null, null, null, null, null, null, null, null, null, null)::public.provenance_audit_log end
      order by ord
    ),
    array_agg(checked.problem order by ord)
  into given, problems
  from jsonb_array_elements(events) with ordinality as sent (event, ord)
  cross join lateral (
    select
      case when jsonb_typeof(event) = 'object' then public.provenance_time_text(event ->> 'created_at') end
        as created_at,
      case when jsonb_typeof(event) = 'object' then public.provenance_time_text(event ->> 'occurred_at') end
        as occurred_at,
      case when jsonb_typeof(event) = 'object' then public.provenance_time_text(event ->> 'validated_at') end
        as validated_at
  ) as times
  cross join lateral (
    select case
      when jsonb_typeof(event) <> 'object' then
        format('it is %s, not an object', public.provenance_kind(event))
      when event - array['id', 'run_id', 'tag', 'release_url', 'artifact_path', 'status',
        'failure_reason', 'created_at', 'repository', 'event', 'event_key', 'occurred_at', 'attempt',
        'validated_at', 'commit_sha', 'builder_id', 'slsa_build_level', 'decision',
        'manifest_sha256', 'actor'] <> '{}' then 'it has a key that is no column of an event'
      when jsonb_typeof(event -> 'tag') is distinct from 'string' then
        format('tag is %s, not a string', public.provenance_kind(event -> 'tag'))
      when octet_length(event ->> 'tag') > 1024 then 'tag is longer than 1024 bytes'
      when jsonb_typeof(event -> 'event_key') is distinct from 'string' then
        format('event_key is %s, not a string', public.provenance_kind(event -> 'event_key'))
      when octet_length(event ->> 'event_key') not between 1 and 256 then
        'event_key has not 1 to 256 bytes'
      when (event ->> 'event') is null or event ->> 'event' not in
        ('dispatched', 'provenance', 'validated', 'notified', 'reconciled', 'rolled_back') then
        'event is none of dispatched, provenance, validated, notified, reconciled, rolled_back'
      when (event ->> 'status') is null or event ->> 'status' not in ('success', 'failure', 'pending') then
        'status is none of success, failure, pending'
      when (event ->> 'run_id') is null or event ->> 'run_id' !~ '^(0|[1-9][0-9]{0,18})$'
        or (length(event ->> 'run_id') = 19 and event ->> 'run_id' > '9223372036854775807' collate "C") then
        'run_id is no run id: write decimal digits, 0 when no run ever started'
      when occurred_at is null then
        'occurred_at is no time: write UTC as in 2026-11-23T12:00:00Z'
      when (event ->> 'validated_at') is not null and validated_at is null then
        'validated_at is no time: write UTC as in 2026-11-23T12:00:00Z'
      when (event ->> 'created_at') is not null and created_at is null then
        'created_at is no time: write UTC as in 2026-11-23T12:00:00Z'
      when event ->> 'attempt' !~ '^(0|[1-9][0-9]{0,9})$'
        or (length(event ->> 'attempt') = 10 and event ->> 'attempt' > '4294967295' collate "C") then
        'attempt is no number from 0 to 4294967295'
      when event ->> 'slsa_build_level' !~ '^(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])$' then
        'slsa_build_level is no number from 0 to 255'
      when octet_length(event ->> 'repository') > 512 then 'repository is longer than 512 bytes'
      when event ->> 'id' !~ '^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$' then 'id is no UUID'
      when jsonb_typeof(event -> 'repository') not in ('string', 'null')
        or jsonb_typeof(event -> 'release_url') not in ('string', 'null')
        or jsonb_typeof(event -> 'artifact_path') not in ('string', 'null')
        or jsonb_typeof(event -> 'failure_reason') not in ('string', 'null')
        or jsonb_typeof(event -> 'commit_sha') not in ('string', 'null')
        or jsonb_typeof(event -> 'builder_id') not in ('string', 'null')
        or jsonb_typeof(event -> 'manifest_sha256') not in ('string', 'null')
        or jsonb_typeof(event -> 'actor') not in ('string', 'null')
        then public.provenance_no_string(event, array['repository', 'release_url', 'artifact_path',
          'failure_reason', 'commit_sha', 'builder_id', 'manifest_sha256', 'actor'])
    end as problem
  ) as checked;

  return query
  select (answer.ord - 1)::int, answer.outcome, answer.id, answer.event_key, answer.problem
  from public.provenance_append(given, problems) as answer
  order by answer.ord;
end
$$;

-- Writes the events of manifest entries: the outcome of each, and that its failure was announced.
-- `entries` is a manifest; `manifest_sha256` and `actor` go into the rows. Answers one row an entry,
-- in order, `index` from 0, with id and key of its outcome: `inserted` when any of its events is new,
-- `duplicate` when all were there, `rejected` with the reason. Announcements are written after all
-- outcomes, so that none is written of an outcome that was rejected.
--
-- The one place where a manifest becomes rows in PostgreSQL. The keys are those that the program
-- computes itself: SHA-256 over a compact JSON array of texts.
create or replace function public.ingest_provenance_manifest(
  entries jsonb, manifest_sha256 text default null, actor text default null
) returns table (index int, outcome text, id uuid, event_key text, problem text)
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
declare
  given public.provenance_audit_log[];
  problems text[];
  announcements public.provenance_audit_log[];
  announced bigint[];
  outcomes text[];
  ids uuid[];
  keys text[];
  millisecond bigint := floor(extract(epoch from clock_timestamp()) * 1000);
  written_at timestamptz := now();
  sha256_of_all text := manifest_sha256;
  actor_of_all text := actor;
begin
  if jsonb_typeof(entries) is distinct from 'array' then
    raise exception 'the manifest is %, not a JSON array', public.provenance_kind(entries)
      using errcode = 'invalid_parameter_value';
  end if;
  select
    array_agg(
      case when checked.problem is null then row(
        public.provenance_id(millisecond, 2 * ord),
        (entry ->> 'run')::bigint,
        entry ->> 'tag',
        nullif(entry ->> 'release_url', ''),
        nullif(entry ->> 'artifact', ''),
        entry ->> 'status',
        entry ->> 'failure_reason',
        written_at,
        nullif(entry ->> 'repository', ''),
        kind,
        outcome_key,
        public.provenance_time(validated_at),
        (entry ->> 'attempt')::bigint,
        public.provenance_time(validated_at),
        entry ->> 'commit',
        entry ->> 'builder_id',
        (entry ->> 'slsa_build_level')::smallint,
        null,
        sha256_of_all,
        actor_of_all,
        null
      )::public.provenance_audit_log end
      order by ord
    ),
    array_agg(checked.problem order by ord),
    array_agg(
      row(
        public.provenance_id(millisecond, 2 * ord + 1),
        (entry ->> 'run')::bigint,
        entry ->> 'tag',
        nullif(entry ->> 'release_url', ''),
        nullif(entry ->> 'artifact', ''),
        'success',
        entry ->> 'failure_reason',
        written_at,
        nullif(entry ->> 'repository', ''),
        'notified',
        public.provenance_key('notified', '["' || outcome_key || '",'
          || (entry #>> '{notified,slack}') || ','
          || coalesce('"' || (entry #>> '{notified,issue}') || '"', 'null') || ']'),
        public.provenance_time(validated_at),
        (entry ->> 'attempt')::bigint,
        public.provenance_time(validated_at),
        entry ->> 'commit',
        entry ->> 'builder_id',
        (entry ->> 'slsa_build_level')::smallint,
        -- Who was told, and in which issue.
        jsonb_build_object('notified', jsonb_strip_nulls(jsonb_build_object(
          'slack', entry #> '{notified,slack}', 'issue', entry #> '{notified,issue}'))),
        sha256_of_all,
        actor_of_all,
        null
      )::public.provenance_audit_log
      order by ord
    ) filter (where is_announced),
    array_agg(ord order by ord) filter (where is_announced)
  into given, problems, announcements, announced
  from jsonb_array_elements(entries) with ordinality as sent (entry, ord)
  cross join lateral (
    select
      case when jsonb_typeof(entry) = 'object' then public.provenance_time_text(entry ->> 'validated_at') end
        as validated_at,
      case when jsonb_typeof(entry) = 'object' and entry ? 'decision' then 'validated' else 'provenance' end
        as kind
    offset 0
  ) as told
  cross join lateral (
    select case
      when jsonb_typeof(entry) <> 'object' then
        format('it is %s, not an object', public.provenance_kind(entry))
      when jsonb_typeof(entry -> 'run') is distinct from 'string'
        or entry ->> 'run' !~ '^(0|[1-9][0-9]{0,18})$'
        or (length(entry ->> 'run') = 19 and entry ->> 'run' > '9223372036854775807' collate "C") then
        'run is no run id: write a string of decimal digits, "0" when no run ever started'
      when jsonb_typeof(entry -> 'tag') is distinct from 'string' then
        format('tag is %s, not a string', public.provenance_kind(entry -> 'tag'))
      when octet_length(entry ->> 'tag') > 1024
        or entry ->> 'tag' ~ '^$|^-|\.\.|@\{|^@$|[\u0001-\u0020~^:?*[\\\u007f]|\.$|^/|//|/$|(^|/)\.|\.lock(/|$)' then
        'tag is no valid git tag name'
      when entry -> 'status' is null or entry -> 'status' not in ('"success"', '"failure"') then
        'status is neither success nor failure'
      when jsonb_typeof(entry -> 'artifact') is distinct from 'string' then
        format('artifact is %s, not a string', public.provenance_kind(entry -> 'artifact'))
      when entry ->> 'artifact' !~ '^(artifacts/slsa/[^/]+/[^/]+)?$' then
        'artifact is no file below artifacts/slsa/'
      when jsonb_typeof(entry -> 'release_url') is distinct from 'string' then
        format('release_url is %s, not a string', public.provenance_kind(entry -> 'release_url'))
      when jsonb_typeof(entry -> 'validated_at') is distinct from 'string' or validated_at is null then
        'validated_at is no time: write UTC as in 2026-11-23T12:00:00Z'
      when entry -> 'decision' not in ('"accepted"', '"refused"') then
        'decision is neither accepted nor refused'
      when entry -> 'decision' = '"refused"' and entry -> 'status' = '"success"' then
        'status is success and decision is refused: a refused release is a failure'
      when entry ? 'failure_reason' and entry -> 'status' = '"success"' then
        'status is success and there is a failure_reason: remove it, or write failure'
      when entry -> 'status' = '"failure"' and coalesce(btrim(entry ->> 'failure_reason'), '') = '' then
        'status is failure and there is no failure_reason: say why it failed'
      when jsonb_typeof(entry -> 'attempt') <> 'number'
        or entry ->> 'attempt' !~ '^[1-9][0-9]{0,9}$'
        or (length(entry ->> 'attempt') = 10 and entry ->> 'attempt' > '4294967295' collate "C") then
        'attempt is no number from 1'
      when entry -> 'slsa_build_level' not in ('0', '1', '2', '3') then
        'slsa_build_level is no number from 0 to 3'
      when octet_length(entry ->> 'repository') > 512 then 'repository is longer than 512 bytes'
      when entry ? 'notified' and jsonb_typeof(entry #> '{notified,slack}') is distinct from 'boolean' then
        'notified has no slack that is true or false'
      when jsonb_typeof(entry #> '{notified,issue}') <> 'number'
        or entry #>> '{notified,issue}' !~ '^(0|[1-9][0-9]{0,19})$'
        or (length(entry #>> '{notified,issue}') = 20
          and entry #>> '{notified,issue}' > '18446744073709551615' collate "C") then
        'notified.issue is no number of an issue'
      when jsonb_typeof(entry -> 'failure_reason') <> 'string'
        or jsonb_typeof(entry -> 'repository') <> 'string'
        or jsonb_typeof(entry -> 'commit') <> 'string'
        or jsonb_typeof(entry -> 'builder_id') <> 'string'
        then public.provenance_no_string(
          entry, array['failure_reason', 'repository', 'commit', 'builder_id'])
    end as problem
    offset 0
  ) as checked
  cross join lateral (
    select
      case when checked.problem is null then public.provenance_key(kind,
        '["' || kind || '",' || to_json(coalesce(entry ->> 'repository', ''))::text
          || ',"' || (entry ->> 'run') || '",' || to_json(entry ->> 'tag')::text
          || ',"' || (entry ->> 'status') || '","' || validated_at || '"]') end as outcome_key,
      checked.problem is null and entry -> 'status' = '"failure"'
        and (coalesce(entry #> '{notified,slack}' = 'true', false)
          or entry #> '{notified,issue}' is not null) as is_announced
    offset 0
  ) as keyed;

  if announced is null then
    return query
    select (answer.ord - 1)::int, answer.outcome, answer.id, answer.event_key, answer.problem
    from public.provenance_append(given, problems) as answer
    order by answer.ord;
    return;
  end if;

  select array_agg(answer.outcome order by answer.ord), array_agg(answer.id order by answer.ord),
    array_agg(answer.event_key order by answer.ord), array_agg(answer.problem order by answer.ord)
  into outcomes, ids, keys, problems
  from public.provenance_append(given, problems) as answer;
  return query
  select (entry.ord - 1)::int,
    case
      when entry.outcome = 'rejected' or told.outcome is null then entry.outcome
      when 'inserted' in (entry.outcome, told.outcome) then 'inserted'
      else told.outcome
    end,
    case when entry.outcome = 'duplicate' and told.outcome = 'rejected' then null else entry.id end,
    entry.event_key,
    coalesce(entry.problem, told.problem)
  from unnest(outcomes, ids, keys, problems) with ordinality as entry (outcome, id, event_key, problem, ord)
  left join (
    select announced.ord as entry, answer.outcome, answer.problem
    from public.provenance_append(announcements, (
      select array_agg(case outcomes[ord] when 'rejected' then 'its outcome was rejected' end order by nth)
      from unnest(announced) with ordinality as announced (ord, nth)
    )) as answer
    join unnest(announced) with ordinality as announced (ord, nth) on announced.nth = answer.ord
  ) as told on told.entry = entry.ord
  order by entry.ord;
end
$$;

-- Rights ------------------------------------------------------------------------------------------

-- Supabase gives anon, authenticated and service_role everything on what is made in schema public;
-- here that is taken back by name. `service_role` passes row-level security, so what it must not do
-- is a right that it does not have. Where those roles are made later, run this file again.
alter table public.provenance_schema enable row level security;
alter table public.provenance_audit_log enable row level security;
alter table public.provenance_run enable row level security;
alter table public.provenance_day enable row level security;

do $$
declare
  reader text;
  thing text;
  things constant text[] := array['provenance_schema', 'provenance_audit_log', 'provenance_run',
    'provenance_day', 'provenance_latest', 'provenance_kpi', 'provenance_incidents',
    'provenance_open_incidents', 'provenance_kpi_daily'];
  doors constant text[] := array['append_provenance_events(jsonb)',
    'ingest_provenance_manifest(jsonb, text, text)'];
  inner_parts constant text[] := array['provenance_refuse_change()', 'provenance_project()',
    'provenance_count()', 'provenance_uncommon_time_text(text)', 'provenance_time_text(text)', 'provenance_time(text)',
    'provenance_key(text, text)', 'provenance_id(bigint, bigint)', 'provenance_kind(jsonb)',
    'provenance_no_string(jsonb, text[])',
    'provenance_append(public.provenance_audit_log[], text[])'];
begin
  foreach thing in array things loop
    execute format('revoke all on public.%I from public', thing);
  end loop;
  foreach thing in array doors || inner_parts loop
    execute format('revoke all on function public.%s from public', thing);
  end loop;
  for reader in
    select rolname from pg_catalog.pg_roles
    where rolname in ('anon', 'authenticated', 'service_role')
  loop
    foreach thing in array things loop
      execute format('revoke all on public.%I from %I', thing, reader);
      if reader <> 'anon' then
        execute format('grant select on public.%I to %I', thing, reader);
      end if;
    end loop;
    execute format('revoke all on sequence public.provenance_audit_log_seq_seq from %I', reader);
    foreach thing in array doors || inner_parts loop
      execute format('revoke all on function public.%s from %I', thing, reader);
    end loop;
    if reader = 'service_role' then
      foreach thing in array doors loop
        execute format('grant execute on function public.%s to %I', thing, reader);
      end loop;
    end if;
    if reader <> 'anon' then
      foreach thing in array array['provenance_schema', 'provenance_audit_log', 'provenance_run',
        'provenance_day'] loop
        execute format('drop policy if exists %I on public.%I', 'provenance_read_' || reader, thing);
        execute format('create policy %I on public.%I for select to %I using (true)',
          'provenance_read_' || reader, thing, reader);
      end loop;
    end if;
  end loop;
end
$$;

insert into public.provenance_schema (version) values (20260201) on conflict do nothing;
