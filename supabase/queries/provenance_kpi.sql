select * from provenance_kpi limit 5;
