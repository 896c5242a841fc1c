//! Tokens that were used.

use super::database;
use provost_testkit::postgres::Flavour;

#[test]
fn a_token_is_new_once_then_a_repeat_or_reused() {
    let Some(database) = database(Flavour::Supabase) else { return };
    let service = database.supabase_role("service_role");
    let token = |issuer: &str, jti: &str, body: &str| {
        service
            .execute(&format!(
                "select use_provenance_token('{issuer}', '{jti}', '{body}', now() + interval '5 min')"
            ))
            .unwrap()
    };
    assert_eq!(token("a", "1", "body"), "new");
    assert_eq!(token("a", "1", "body"), "repeat");
    assert_eq!(token("a", "1", "other"), "reused");
    assert_eq!(token("a", "2", "other"), "new");
    assert_eq!(token("b", "1", "other"), "new");
}

#[test]
fn a_token_was_not_used_when_its_transaction_fails() {
    let Some(database) = database(Flavour::Plain) else { return };
    let token = "select use_provenance_token('a', '1', 'body', now() + interval '5 min');";
    let owner = database.owner();
    assert_eq!(owner.execute(&format!("begin; {token} rollback; {token}")).unwrap(), "new\nnew");
}

#[test]
fn tokens_are_forgotten_an_hour_after_they_expired() {
    let Some(database) = database(Flavour::Plain) else { return };
    let owner = database.owner();
    let old = "insert into provenance_token_use (issuer, jti, body_sha256, expires_at)
        select 'a', number::text, 'body', now() - number * interval '25 minutes'
        from generate_series(1, 6) as number";
    owner.execute(old).unwrap();
    let kept = "select string_agg(jti, ' ' order by jti) from provenance_token_use";
    owner.execute("select use_provenance_token('a', 'new', 'body', now())").unwrap();
    assert_eq!(owner.execute(kept).unwrap(), "1 2 new");
}
