-- What an ingestion service keeps beside the event log: tokens that were used, deliveries that were
-- seen, messages to send, releases that are waited for. Unlike the log these rows change and go.
--
-- A second run changes nothing.

-- Tokens that were used, until an hour after they expired.
create table if not exists public.provenance_token_use (
  issuer text collate "C" not null check (octet_length(issuer) <= 1024),
  jti text collate "C" not null check (octet_length(jti) between 1 and 1024),
  body_sha256 text not null,
  expires_at timestamptz not null,
  used_at timestamptz not null default now(),
  primary key (issuer, jti)
);

create index if not exists provenance_token_use_expiry on public.provenance_token_use (expires_at);

-- Webhook deliveries that were taken in, for 30 days.
create table if not exists public.provenance_delivery (
  delivery text collate "C" primary key check (octet_length(delivery) between 1 and 256),
  received_at timestamptz not null default now()
);

create index if not exists provenance_delivery_age on public.provenance_delivery (received_at);

-- Messages to send, written in the transaction of the rows that they are about. A message waits,
-- was delivered, or is dead: given up, with `problem` saying why. One that waits may be leased until
-- `leased_until` by `leased_by`, and is not due before `due_at`.
create table if not exists public.provenance_outbox (
  message_key text collate "C" primary key check (octet_length(message_key) between 1 and 512),
  kind text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  due_at timestamptz not null default now(),
  attempts bigint not null default 0,
  leased_by text,
  leased_until timestamptz,
  delivered_at timestamptz,
  dead_at timestamptz,
  problem text
);

create index if not exists provenance_outbox_due on public.provenance_outbox (due_at)
  where delivered_at is null and dead_at is null;
create index if not exists provenance_outbox_dead on public.provenance_outbox (dead_at)
  where dead_at is not null;

-- Releases that are to have accepted provenance by `deadline`. An end has a word in `settlement`.
create table if not exists public.provenance_expectation (
  repository text collate "C" not null check (octet_length(repository) <= 512),
  tag text collate "C" not null check (octet_length(tag) <= 1024),
  run_id bigint not null check (run_id >= 0),
  release_url text,
  expected_at timestamptz not null,
  deadline timestamptz not null,
  settled_at timestamptz,
  settlement text,
  primary key (repository, tag)
);

create index if not exists provenance_expectation_deadline on public.provenance_expectation (deadline)
  where settled_at is null;

-- Whether a token was used before. `new`: no, and from now on it was. `repeat`: for the same body,
-- so the answer is given again. `reused`: for another body. Called in the transaction that writes
-- what the token allows: when that fails, the token was not used.
create or replace function public.use_provenance_token(
  issuer text, jti text, body_sha256 text, expires_at timestamptz
) returns text
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
declare
  known text;
begin
  insert into public.provenance_token_use (issuer, jti, body_sha256, expires_at)
  values (issuer, jti, body_sha256, expires_at)
  on conflict on constraint provenance_token_use_pkey do nothing;
  if found then
    -- Each newcomer clears away a few of the old ones, and waits for nobody doing the same.
    delete from public.provenance_token_use as gone
    using (
      select old.issuer, old.jti from public.provenance_token_use as old
      where old.expires_at < now() - interval '1 hour'
      order by old.expires_at
      limit 4
      for update skip locked
    ) as old
    where gone.issuer = old.issuer and gone.jti = old.jti;
    return 'new';
  end if;
  select used.body_sha256 into known
  from public.provenance_token_use as used
  where used.issuer = use_provenance_token.issuer and used.jti = use_provenance_token.jti;
  if known is null then
    -- Not to be seen in this snapshot, or cleared away in this moment.
    raise exception 'the token is being used by another transaction' using errcode = 'serialization_failure';
  end if;
  return case when known = body_sha256 then 'repeat' else 'reused' end;
end
$$;

do $$
declare
  reader text;
  thing text;
  things constant text[] := array['provenance_token_use', 'provenance_delivery', 'provenance_outbox',
    'provenance_expectation'];
  door constant text := 'use_provenance_token(text, text, text, timestamptz)';
begin
  foreach thing in array things loop
    execute format('alter table public.%I enable row level security', thing);
    execute format('revoke all on public.%I from public', thing);
  end loop;
  execute format('revoke all on function public.%s from public', door);
  for reader in
    select rolname from pg_catalog.pg_roles
    where rolname in ('anon', 'authenticated', 'service_role')
  loop
    execute format('revoke all on function public.%s from %I', door, reader);
    foreach thing in array things loop
      execute format('revoke all on public.%I from %I', thing, reader);
      if reader = 'service_role' then
        execute format('grant select, insert, update, delete on public.%I to %I', thing, reader);
        execute format('drop policy if exists provenance_service on public.%I', thing);
        execute format('create policy provenance_service on public.%I to %I using (true) with check (true)',
          thing, reader);
      end if;
    end loop;
    if reader = 'service_role' then
      execute format('grant execute on function public.%s to %I', door, reader);
    end if;
  end loop;
end
$$;

insert into public.provenance_schema (version) values (20260301) on conflict do nothing;
