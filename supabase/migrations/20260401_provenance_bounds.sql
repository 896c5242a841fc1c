-- Bounds: how often one sender may call a function, and an index from which the figures of all time
-- are read.
--
-- A second run changes nothing.

-- One row a sender: its requests in the minute that it called last. Senders are those of the
-- functions' configuration, and a newcomer clears away who has not called for a day.
create table if not exists public.provenance_allowance (
  sender text collate "C" primary key check (octet_length(sender) between 1 and 512),
  minute timestamptz not null,
  requests bigint not null check (requests > 0)
);

-- Counts a request of a sender. Answers 0 when it is one of the first `most` of this minute, and
-- otherwise after how many seconds the next minute begins. In a transaction of its own: what becomes
-- of the request does not matter, and no request waits for another's end.
create or replace function public.count_provenance_request(sender text, most bigint) returns int
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
declare
  now_at constant timestamptz := clock_timestamp();
  this_minute constant timestamptz := date_trunc('minute', now_at);
  counted bigint;
begin
  -- A clock that was set back does not keep anybody out: another minute is a new one.
  insert into public.provenance_allowance as known (sender, minute, requests)
  values (sender, this_minute, 1)
  on conflict on constraint provenance_allowance_pkey do update set
    minute = excluded.minute,
    requests = case known.minute when excluded.minute then known.requests + 1 else 1 end
  returning requests into counted;
  if counted = 1 then
    delete from public.provenance_allowance as gone
    using (
      select old.sender from public.provenance_allowance as old
      where old.minute < this_minute - interval '1 day'
      limit 4
      for update skip locked
    ) as old
    where gone.sender = old.sender;
  end if;
  if counted <= most then
    return 0;
  end if;
  return ceil(extract(epoch from this_minute + interval '1 minute' - now_at))::int;
end
$$;

-- Every release with its runs, in the order in which the figures of all time group them.
create index if not exists provenance_run_releases
  on public.provenance_run (repository_key, tag)
  include (first_at, dispatched_at, accepted_at, status, occurred_at, id);

alter table public.provenance_allowance enable row level security;

do $$
declare
  reader text;
  door constant text := 'count_provenance_request(text, bigint)';
begin
  revoke all on public.provenance_allowance from public;
  execute format('revoke all on function public.%s from public', door);
  for reader in
    select rolname from pg_catalog.pg_roles
    where rolname in ('anon', 'authenticated', 'service_role')
  loop
    execute format('revoke all on public.provenance_allowance from %I', reader);
    execute format('revoke all on function public.%s from %I', door, reader);
    if reader = 'service_role' then
      execute format('grant select, insert, update, delete on public.provenance_allowance to %I', reader);
      execute format('drop policy if exists provenance_service on public.provenance_allowance');
      execute format('create policy provenance_service on public.provenance_allowance to %I using (true) with check (true)',
        reader);
      execute format('grant execute on function public.%s to %I', door, reader);
    end if;
  end loop;
end
$$;

insert into public.provenance_schema (version) values (20260401) on conflict do nothing;
