-- The order in which events were written, and the chain of seals over it.

-- The log has no row number of its own. A number is given once and never again.
create table provenance_order (
  seq integer primary key autoincrement,
  id text not null unique
);

insert into provenance_order (id) select id from provenance_audit_log order by id;

create trigger provenance_audit_log_order after insert on provenance_audit_log
begin
  insert into provenance_order (id) values (new.id);
end;

create trigger provenance_order_no_update before update on provenance_order
begin
  select raise(abort, 'provenance_order is append-only');
end;

create trigger provenance_order_no_delete before delete on provenance_order
begin
  select raise(abort, 'provenance_order is append-only');
end;

create trigger provenance_order_no_replace before insert on provenance_order
when exists (select 1 from provenance_order where seq = new.seq or id = new.id)
begin
  select raise(abort, 'provenance_order is append-only: this event has its place already');
end;

-- One row a batch of events. `leaves` holds 48 bytes an event, in order: its id, and the SHA-256 of
-- its row. `hash` is the SHA-256 of `previous`, which is the hash before, followed by `leaves`.
create table provenance_seal (
  seal integer primary key check (seal > 0),
  first_id text not null,
  last_id text not null,
  first_seq integer not null,
  last_seq integer not null check (last_seq >= first_seq),
  rows integer not null check (rows > 0),
  leaves blob not null check (typeof(leaves) = 'blob' and length(leaves) = rows * 48),
  hash blob not null check (typeof(hash) = 'blob' and length(hash) = 32),
  previous blob not null check (typeof(previous) = 'blob' and length(previous) = 32),
  sealed_at text not null
    check (sealed_at glob '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T'
      || '[0-9][0-9]:[0-9][0-9]:[0-9][0-9].[0-9][0-9][0-9][0-9][0-9][0-9]Z')
);

create trigger provenance_seal_no_update before update on provenance_seal
begin
  select raise(abort, 'provenance_seal is append-only');
end;

create trigger provenance_seal_no_delete before delete on provenance_seal
begin
  select raise(abort, 'provenance_seal is append-only');
end;

create trigger provenance_seal_no_replace before insert on provenance_seal
when exists (select 1 from provenance_seal where seal = new.seal)
begin
  select raise(abort, 'provenance_seal is append-only: this seal is already there');
end;
