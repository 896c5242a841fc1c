-- What a service needs beside the log. These tables are working state: their rows change and go.

-- The uses of tokens that may be used once, until they expire.
create table provenance_token_use (
  issuer text not null,
  jti text not null,
  body_sha256 text not null,
  expires_at text not null,
  primary key (issuer, jti)
) without rowid;

create index provenance_token_use_expiry on provenance_token_use (expires_at);

-- The webhook deliveries that were taken, for 30 days.
create table provenance_delivery (
  delivery text primary key not null,
  received_at text not null
) without rowid;

create index provenance_delivery_age on provenance_delivery (received_at);

-- Messages that are to be told. One is waiting until it is delivered or dead.
create table provenance_outbox (
  message_key text primary key not null,
  kind text not null,
  payload text not null check (json_valid(payload)),
  created_at text not null,
  due_at text not null,
  attempts integer not null default 0,
  leased_by text,
  leased_until text,
  delivered_at text,
  dead_at text,
  problem text
) without rowid;

create index provenance_outbox_due on provenance_outbox (due_at)
  where delivered_at is null and dead_at is null;

create index provenance_outbox_dead on provenance_outbox (dead_at) where dead_at is not null;

-- The releases that ought to have accepted provenance by some time.
create table provenance_expectation (
  repository text not null,
  tag text not null,
  run_id bigint not null check (typeof(run_id) = 'integer' and run_id >= 0),
  release_url text,
  expected_at text not null,
  deadline text not null,
  settled_at text,
  settlement text,
  primary key (repository, tag)
) without rowid;

create index provenance_expectation_deadline on provenance_expectation (deadline)
  where settled_at is null;

-- The log in the order of time, which its pages are read in.
create index provenance_audit_log_times on provenance_audit_log (occurred_at);
