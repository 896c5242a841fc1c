//! The SQL event log: schema, append, KPI queries.
