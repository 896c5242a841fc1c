-- Indexes for what a dashboard asks of the event log.
--
-- A second run changes nothing.

-- The releases by name, and by how they stand.
create index if not exists provenance_run_tag
  on public.provenance_run (tag, repository_key) where event is not null;
create index if not exists provenance_run_status
  on public.provenance_run (status, occurred_at, id) where event is not null;

-- The newest event of each uncommon kind.
create index if not exists provenance_audit_log_kinds
  on public.provenance_audit_log (event, occurred_at, id)
  where event not in ('dispatched', 'provenance', 'validated');
create index if not exists provenance_audit_log_repository_kinds
  on public.provenance_audit_log (event, repository, occurred_at, id)
  where event not in ('dispatched', 'provenance', 'validated');

insert into public.provenance_schema (version) values (20260501) on conflict do nothing;
