-- The runs whose latest word is success, for dashboards. The migration makes the same view.
create or replace view public.provenance_kpi with (security_invoker = true) as
select tag, run_id, status, created_at, release_url, validated_at, repository, builder_id,
  slsa_build_level, event, attempt, occurred_at, id
from public.provenance_run
where status = 'success';
