-- Seals: a hash chain over the rows of the event log, so that a change past the append-only trigger
-- is found. The hashing is done by `provost store seal`, not here.
--
-- A second run changes nothing.

-- Seal number `seal` covers `rows` rows, those from `first_seq` to `last_seq`. `leaves` has 48 bytes
-- a row in the order of `seq`: 16 of its id, 32 of the SHA-256 of its canonical form. `hash` is the
-- SHA-256 of `previous` and `leaves`; the first seal's `previous` is 32 zero bytes.
create table if not exists public.provenance_seal (
  seal bigint primary key check (seal > 0),
  first_id uuid not null,
  last_id uuid not null,
  first_seq bigint not null,
  last_seq bigint not null unique check (last_seq >= first_seq),
  rows bigint not null check (rows > 0),
  leaves bytea not null check (octet_length(leaves) = rows * 48),
  hash bytea not null unique check (octet_length(hash) = 32),
  -- Unique: two sealings at the same time cannot both go on from the same seal.
  previous bytea not null unique check (octet_length(previous) = 32),
  sealed_at timestamptz not null default now()
);

create or replace trigger provenance_seal_append_only
  before update or delete or truncate on public.provenance_seal
  for each statement execute function public.provenance_refuse_change();
alter table public.provenance_seal enable always trigger provenance_seal_append_only;

-- Waits for every writer of the log and keeps new ones out until the transaction ends, so that all
-- rows up to the highest `seq` are there to be sealed. For roles that may not lock the table.
create or replace function public.lock_provenance_log() returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
begin
  lock table public.provenance_audit_log in share row exclusive mode;
end
$$;

alter table public.provenance_seal enable row level security;

do $$
declare
  reader text;
begin
  revoke all on public.provenance_seal from public;
  revoke all on function public.lock_provenance_log() from public;
  for reader in
    select rolname from pg_catalog.pg_roles
    where rolname in ('anon', 'authenticated', 'service_role')
  loop
    execute format('revoke all on public.provenance_seal from %I', reader);
    execute format('revoke all on function public.lock_provenance_log() from %I', reader);
    if reader <> 'anon' then
      execute format('grant select on public.provenance_seal to %I', reader);
      execute format('drop policy if exists %I on public.provenance_seal', 'provenance_read_' || reader);
      execute format('create policy %I on public.provenance_seal for select to %I using (true)',
        'provenance_read_' || reader, reader);
    end if;
    if reader = 'service_role' then
      execute format('grant insert on public.provenance_seal to %I', reader);
      execute format('drop policy if exists provenance_seal_write on public.provenance_seal');
      execute format('create policy provenance_seal_write on public.provenance_seal for insert to %I with check (true)',
        reader);
      execute format('grant execute on function public.lock_provenance_log() to %I', reader);
    end if;
  end loop;
end
$$;

insert into public.provenance_schema (version) values (20260215) on conflict do nothing;
