//! What happened in a year that never was.

use super::dice::Dice;
use jiff::{SignedDuration, Timestamp};
use provost_policy::check::registry;
use provost_record::{Event, EventKey, EventKind, EventStatus, Status};
use provost_store::StoredEvent;
use serde_json::{Value, json};

const SEED: u64 = 20_260_201;
const DAYS: i64 = 365;

/// Repositories, how many days lie between two releases, and their first version.
const REPOSITORIES: [(&str, (i64, i64), [u64; 3]); 3] = [
    ("example-org/artifact", (2, 7), [1, 0, 0]),
    ("example-org/operator", (5, 15), [0, 8, 0]),
    ("example-org/webhook", (7, 24), [3, 2, 1]),
];

/// The release of which nobody could be told.
pub(super) const DEAD_LETTER_TAG: &str = "v1.0.99";

/// What the gate refuses now and then, with what it expected and found.
const REFUSALS: [&[&str]; 3] =
    [&["source-ref", "tag-commit"], &["unattested-asset"], &["builder-ref"]];

/// A year, told event by event.
pub(super) struct Story {
    dice: Dice,
    now: Timestamp,
    events: Vec<StoredEvent>,
    run: u64,
}

/// One release on its way.
struct Release<'a> {
    repository: &'a str,
    tag: String,
    commit: String,
    started: Timestamp,
}

impl Release<'_> {
    fn url(&self) -> String {
        format!("https://github.com/{}/releases/tag/{}", self.repository, self.tag)
    }
}

impl Story {
    /// Every event, oldest first.
    pub(super) fn told(now: Timestamp) -> Vec<StoredEvent> {
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        let mut story =
            Self { dice: Dice::new(SEED), now, events: Vec::new(), run: 14_200_000_000 };
        for (repository, pause, version) in REPOSITORIES {
            story.repository(repository, pause, version);
        }
        story.nights();
        story.events.retain(|stored| stored.event.occurred_at <= now);
        story.events.sort_by_key(|stored| (stored.event.occurred_at, stored.id));
        story.events
    }

    fn ago(&self, minutes: i64) -> Timestamp {
        self.now.checked_sub(SignedDuration::from_mins(minutes)).unwrap_or(self.now)
    }

    fn repository(&mut self, repository: &str, pause: (i64, i64), mut version: [u64; 3]) {
        const DAY: i64 = 24 * 60;
        let mut minutes = DAYS * DAY - self.dice.between(0, 3 * DAY);
        while minutes > 0 {
            let release = Release {
                repository,
                tag: format!("v{}.{}.{}", version[0], version[1], version[2]),
                commit: self.dice.hex(20),
                started: self.ago(minutes),
            };
            // The pipeline was young once; it became better.
            let trouble = if minutes > 120 * DAY { 18 } else { 9 };
            self.release(&release, trouble, minutes < 2 * DAY);
            version = match self.dice.next() % 12 {
                0 => [version[0] + 1, 0, 0],
                1..=4 => [version[0], version[1] + 1, 0],
                _ => [version[0], version[1], version[2] + 1],
            };
            minutes -= self.dice.between(pause.0 * DAY, pause.1 * DAY);
        }
        if repository == REPOSITORIES[0].0 {
            self.unfinished(repository, version);
        }
    }

    /// What the dashboard is there for: something that is wrong now.
    fn unfinished(&mut self, repository: &str, [major, ..]: [u64; 3]) {
        let release = |story: &mut Self, tag: &str, minutes: i64| Release {
            repository,
            tag: tag.to_owned(),
            commit: story.dice.hex(20),
            started: story.ago(minutes),
        };
        let refused = release(self, &format!("v{}.0.0", major + 1), 190);
        let run = self.dispatched(&refused);
        let at = refused.started + SignedDuration::from_mins(8);
        let outcome = self.refused(&refused, run, at, REFUSALS[0]);
        self.announced(&outcome, at + SignedDuration::from_mins(1), true, Some(412));
        let missing = release(self, DEAD_LETTER_TAG, 1500);
        let at = missing.started + SignedDuration::from_mins(30);
        let why = "no provenance 30 min after the release was published";
        self.failed(&missing, 0, at, why);
        let waiting = release(self, &format!("v{}.0.1", major + 1), 4);
        self.dispatched(&waiting);
    }

    fn release(&mut self, release: &Release<'_>, trouble: u64, is_recent: bool) {
        let run = self.dispatched(release);
        // Most take minutes; now and then a queue is long.
        let minutes = match self.dice.happens(6) {
            true => self.dice.between(16, 44),
            false => self.dice.between(4, 10),
        };
        let at =
            release.started + SignedDuration::from_secs(minutes * 60 + self.dice.between(0, 60));
        if is_recent || !self.dice.happens(trouble) {
            self.accepted(release, run, 1, at);
            return;
        }
        let outcome = match self.dice.happens(50) {
            true => {
                let checks = REFUSALS[(self.dice.next() % REFUSALS.len() as u64) as usize];
                self.refused(release, run, at, checks)
            }
            false => self.failed(release, run, at, "the run failed: job provenance, exit code 1"),
        };
        let slack = self.dice.happens(85);
        let issue = (!slack || self.dice.happens(40)).then(|| 40 + self.run % 350);
        self.announced(&outcome, at + SignedDuration::from_mins(1), slack, issue);
        // A few are withdrawn and never mended.
        if self.dice.happens(25) {
            self.withdrawn(release, run, at + SignedDuration::from_hours(3));
            return;
        }
        let later = at + SignedDuration::from_mins(self.dice.between(20, 60 * 30));
        self.accepted(release, run, 2, later);
    }

    fn dispatched(&mut self, release: &Release<'_>) -> u64 {
        self.run += 1 + self.dice.next() % 90_000;
        let event = Event::of_dispatch(
            release.repository,
            self.run,
            &release.tag,
            &release.url(),
            Some("release-bot".to_owned()),
            release.started,
        );
        self.push(event);
        self.run
    }

    fn accepted(&mut self, release: &Release<'_>, run: u64, attempt: u32, at: Timestamp) {
        let mut event = self.outcome(release, run, at, EventKind::Validated, Status::Success);
        event.attempt = Some(attempt);
        event.builder_id = Some(builder(release));
        event.slsa_build_level = Some(3);
        event.artifact_path = Some(format!("artifacts/slsa/{0}/provenance-{0}.json", release.tag));
        event.decision = Some(self.decision(release, run, at, &[]));
        self.push(event);
    }

    fn refused(
        &mut self,
        release: &Release<'_>,
        run: u64,
        at: Timestamp,
        checks: &[&str],
    ) -> Event {
        let mut event = self.outcome(release, run, at, EventKind::Validated, Status::Failure);
        event.failure_reason = Some(format!("refused: {}", checks.join(", ")));
        event.builder_id = Some(builder(release));
        event.decision = Some(self.decision(release, run, at, checks));
        self.push(event.clone());
        event
    }

    fn failed(&mut self, release: &Release<'_>, run: u64, at: Timestamp, why: &str) -> Event {
        let mut event = self.outcome(release, run, at, EventKind::Provenance, Status::Failure);
        event.failure_reason = Some(why.to_owned());
        self.push(event.clone());
        event
    }

    fn withdrawn(&mut self, release: &Release<'_>, run: u64, at: Timestamp) {
        let started =
            Event::of_dispatch(release.repository, run, &release.tag, &release.url(), None, at);
        let event = Event {
            key: EventKey::of_entry(
                EventKind::RolledBack,
                Some(release.repository),
                run,
                &release.tag,
                Status::Failure,
                at,
            ),
            kind: EventKind::RolledBack,
            status: EventStatus::Failure,
            failure_reason: Some("the release was withdrawn".to_owned()),
            ..started
        };
        self.push(event);
    }

    fn announced(&mut self, outcome: &Event, at: Timestamp, slack: bool, issue: Option<u64>) {
        let event = Event {
            key: EventKey::of_announcement(&outcome.key, slack, issue),
            kind: EventKind::Notified,
            status: EventStatus::Success,
            occurred_at: at,
            decision: Some(Event::announcement_details(slack, issue)),
            ..outcome.clone()
        };
        self.push(event);
    }

    fn outcome(
        &mut self,
        release: &Release<'_>,
        run: u64,
        at: Timestamp,
        kind: EventKind,
        status: Status,
    ) -> Event {
        let repository = release.repository;
        Event {
            key: EventKey::of_entry(kind, Some(repository), run, &release.tag, status, at),
            kind,
            status: status.into(),
            attempt: Some(1),
            commit_sha: Some(release.commit.clone()),
            validated_at: Some(at),
            actor: None,
            ..Event::of_dispatch(repository, run, &release.tag, &release.url(), None, at)
        }
    }

    /// The nightly comparison, and what it found.
    fn nights(&mut self) {
        let repository = REPOSITORIES[0].0;
        let (tag, detail) = ("v1.0.0", "the manifest holds an outcome that the log did not");
        for days in [210, 33, 0] {
            let at = self.ago(days * 24 * 60 + 400);
            let event = Event::of_gap(repository, days as u64, tag, "not-in-log", detail, at);
            self.push(event);
        }
    }

    fn push(&mut self, event: Event) {
        let at = event.occurred_at;
        let bits = (u128::from(self.dice.next()) << 64) | u128::from(self.dice.next());
        let mut bytes = bits.to_be_bytes();
        // A version 7 id (RFC 9562): the milliseconds first, then chance.
        bytes[..6].copy_from_slice(&at.as_millisecond().to_be_bytes()[2..]);
        let id = uuid::Builder::from_bytes(bytes)
            .with_version(uuid::Version::SortRand)
            .with_variant(uuid::Variant::RFC4122)
            .into_uuid();
        self.events.push(StoredEvent { id, created_at: at, event });
    }

    /// A decision as the gate writes it.
    fn decision(
        &mut self,
        release: &Release<'_>,
        run: u64,
        at: Timestamp,
        failed: &[&str],
    ) -> Value {
        let signed_at = at - SignedDuration::from_mins(2);
        let checks: Vec<Value> =
            registry().map(|info| check(info.id.as_str(), release, failed)).collect();
        json!([{
            "outcome": if failed.is_empty() { "accepted" } else { "refused" },
            "slsa_build_level": if failed.is_empty() { 3 } else { 0 },
            "recorded": true,
            "subject": {
                "name": format!("artifact-{}-linux-amd64.tar.gz", release.tag),
                "sha256": self.dice.hex(32),
            },
            "bundle_sha256": self.dice.hex(32),
            "trusted_root_sha256": self.dice.hex(32),
            "policy_sha256": self.dice.hex(32),
            "identity": {
                "issuer": "https://token.actions.githubusercontent.com",
                "san": builder(release),
            },
            "builder_id": builder(release),
            "source": {
                "uri": format!("git+https://github.com/{}", release.repository),
                "ref": format!("refs/tags/{}", release.tag),
                "commit": release.commit,
            },
            "run": {"id": run.to_string(), "attempt": 1, "trigger": "workflow_dispatch"},
            "signed_at": signed_at.to_string(),
            "verified_at": at.to_string(),
            "checks": checks,
            "rejection": null,
        }])
    }
}

fn builder(release: &Release<'_>) -> String {
    format!(
        "https://github.com/{}/.github/workflows/slsa-builder.yml@refs/tags/{}",
        release.repository, release.tag
    )
}

/// What a check says of a made release.
fn check(id: &str, release: &Release<'_>, failed: &[&str]) -> Value {
    let own = format!("refs/tags/{}", release.tag);
    if failed.contains(&id) {
        let (expected, found) = match id {
            "source-ref" => (own, "refs/heads/main".to_owned()),
            "tag-commit" => (release.commit[..12].to_owned(), "1b2d77aa01c4".to_owned()),
            "builder-ref" => (own, "refs/heads/try-something".to_owned()),
            _ => ("no asset beside the attested ones".to_owned(), "notes.pdf".to_owned()),
        };
        return json!({"id": id, "outcome": "failed", "expected": expected, "found": found});
    }
    match id {
        "source-digest" | "build-input" | "signer-digest" | "package-name" | "package-version" => {
            json!({"id": id, "outcome": "skipped", "expected": null, "found": null,
                "reason": "the policy does not ask for it"})
        }
        _ => {
            let (expected, found) = passed(id, release);
            json!({"id": id, "outcome": "passed", "expected": expected, "found": found})
        }
    }
}

/// What is expected of a made release and found, in the words of the gate.
fn passed(id: &str, release: &Release<'_>) -> (String, String) {
    let same = |text: &str| (text.to_owned(), text.to_owned());
    let both = |expected: &str, found: &str| (expected.to_owned(), found.to_owned());
    match id {
        "bundle-format" => both(
            "a Sigstore bundle that reads in one way only",
            "application/vnd.dev.sigstore.bundle.v0.3+json",
        ),
        "envelope" => {
            both("an in-toto statement in a DSSE envelope", "application/vnd.in-toto+json")
        }
        "timestamp" => both("a trusted time of signing", "an entry of the transparency log"),
        "certificate-chain" => {
            both("a certificate by an authority of the trusted root", "valid for 10 minutes")
        }
        "certificate-transparency" => {
            both("a timestamp by a CT log of the trusted root", "embedded and verified")
        }
        "transparency-log" => {
            both("this signature in a log of the trusted root", "one entry, of this signature")
        }
        "signature" => {
            both("a signature by the signing key", "verified with the certificate's key")
        }
        "statement-type" => both("in-toto Statement v0.1 or v1", "https://in-toto.io/Statement/v1"),
        "predicate-type" => same("https://slsa.dev/provenance/v1"),
        "issuer" => same("https://token.actions.githubusercontent.com"),
        "builder-id" => same(&builder(release)),
        "builder-ref" | "source-ref" => same(&format!("refs/tags/{}", release.tag)),
        "source-repository" => same(&format!("github.com/{}", release.repository)),
        "runner-environment" => same("github-hosted"),
        "build-trigger" => same("workflow_dispatch"),
        "tag-commit" => same(&release.commit[..12]),
        "slsa-level" => both("level 3 or higher", "level 3"),
        "run-conclusion" => same("success"),
        _ => both("what the policy says", "nothing else"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use uuid::Uuid;

    #[test]
    fn a_year_is_told_the_same_way_twice_and_ends_now() {
        let now: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a time");
        let events = Story::told(now);
        assert_eq!(events, Story::told(now));
        assert!((300..2000).contains(&events.len()), "{}", events.len());
        assert!(events.iter().all(|it| it.event.occurred_at <= now));
        let keys: HashSet<&str> = events.iter().map(|it| it.event.key.as_str()).collect();
        assert_eq!(keys.len(), events.len());
        let ids: HashSet<Uuid> = events.iter().map(|it| it.id).collect();
        assert_eq!(ids.len(), events.len());
        for kind in EventKind::ALL {
            assert!(events.iter().any(|it| it.event.kind == kind), "{}", kind.as_str());
        }
    }
}
