//! What was recorded reaches the remote's branch, and a repeat changes nothing.

use crate::remote::{Bare, git, target, to_branch};
use crate::world::{DAY, NOON, accepted, failure, success, tag, time};
use provost_manifest::{ArtifactKind, CommitTrailer, Notified, PushTarget, push};
use std::fs;

#[test]
fn a_first_push_is_one_commit_with_exactly_the_records() {
    let (bare, before) = with_tip();
    let clone = bare.clone_of();
    clone.record(accepted(77, "v1.2.3", 1));
    let artifacts = clone.manifests().artifacts();
    artifacts.write(&tag("v1.2.3"), ArtifactKind::Provenance, b"{\"a\":1}\r\n").unwrap();
    artifacts.write(&tag("v1.2.3"), ArtifactKind::VerificationSummary, b"{}").unwrap();
    fs::write(clone.root().join("artifacts/slsa/v1.2.3/notes.txt"), "mine").unwrap();
    let state = clone.own_state();
    let pushed = clone.push();
    assert!(pushed.is_complete(), "{pushed:?}");
    assert_eq!(pushed.branch.as_deref(), Some("main"));
    assert_eq!(pushed.commit, bare.tip("main"));
    assert_eq!(pushed.recorded.len(), 1);
    let files = [
        "README",
        "artifacts/slsa/v1.2.3/provenance-v1.2.3.json",
        "artifacts/slsa/v1.2.3/vsa-v1.2.3.json",
        DAY,
    ];
    assert_eq!(bare.files("main"), files);
    assert_eq!(bare.read(DAY), fs::read_to_string(clone.root().join(DAY)).ok());
    // Byte for byte, whatever .gitattributes or autocrlf would make of it.
    assert_eq!(bare.read(files[1]).as_deref(), Some("{\"a\":1}\r\n"));
    let subject = git(bare.path(), &["log", "-1", "--format=%B", "main"]);
    assert_eq!(subject, "provenance: record v1.2.3 (run 77): success");
    assert_eq!(git(bare.path(), &["rev-parse", "main^"]), before);
    assert_eq!(clone.own_state(), state, "the user's branch, index and refs are theirs");
    assert_eq!(clone.queue(), Vec::<String>::new());
    assert!(!clone.queue_file().exists());
}

fn with_tip() -> (Bare, String) {
    let bare = Bare::new();
    let tip = bare.tip("main").unwrap();
    (bare, tip)
}

#[test]
fn a_second_push_makes_no_commit() {
    let bare = Bare::new();
    let clone = bare.clone_of();
    clone.record(success(7, "v1"));
    clone.push();
    let tip = bare.tip("main");
    for _ in 0..2 {
        let pushed = clone.push();
        assert!(pushed.is_complete() && pushed.commit.is_none(), "{pushed:?}");
        assert_eq!(bare.tip("main"), tip);
    }
    let pushed = clone.flush();
    assert!(pushed.is_complete() && pushed.commit.is_none() && pushed.tries == 0, "{pushed:?}");
}

#[test]
fn nothing_recorded_is_nothing_to_push() {
    let bare = Bare::new();
    let tip = bare.tip("main");
    let pushed = bare.clone_of().push();
    assert!(pushed.is_complete() && pushed.commit.is_none(), "{pushed:?}");
    assert_eq!(bare.tip("main"), tip);
}

#[test]
fn a_moved_branch_is_merged_by_key() {
    let bare = Bare::new();
    let (one, two) = (bare.clone_of(), bare.clone_of());
    one.record(success(7, "v1"));
    two.record(success(9, "v2"));
    two.record(failure(8, "v2", "cancelled"));
    assert!(one.push().is_complete());
    bare.clone_of().commit_and_push("README", "changed by somebody\n");
    assert!(two.push().is_complete());
    assert_eq!(bare.runs(), [7, 8, 9]);
    assert_eq!(bare.read("README").as_deref(), Some("changed by somebody\n"));
    assert_eq!(bare.linear_commits("main"), 4);
    let text = git(bare.path(), &["log", "-1", "--format=%B", "main"]);
    let wanted = "provenance: record 2 entries\n\nrecord v2 (run 8): failure\n\
                  record v2 (run 9): success";
    assert_eq!(text, wanted);
}

#[test]
fn a_branch_that_moves_between_fetch_and_push_is_tried_again() {
    let bare = Bare::new();
    let clone = bare.clone_of();
    clone.record(success(7, "v1"));
    // Somebody else is always faster, twice.
    let other = bare.clone_of();
    let count = std::sync::atomic::AtomicUsize::new(0);
    let racing = target().observed_by(move |step| {
        let is_committed = step == provost_manifest::Step::Committed;
        if is_committed && count.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < 2 {
            other.commit_and_push("README", &format!("{count:?}"));
        }
    });
    let pushed = clone.push_to(&racing);
    assert!(pushed.is_complete() && pushed.tries == 3, "{pushed:?}");
    assert_eq!(bare.runs(), [7]);
    assert_eq!(bare.linear_commits("main"), 4);
}

#[test]
fn a_branch_that_never_stands_still_is_given_up_and_the_entry_queued() {
    let bare = Bare::new();
    let clone = bare.clone_of();
    clone.record(success(7, "v1"));
    let other = bare.clone_of();
    let racing = PushTarget { tries: 3, ..target() }.observed_by(move |step| {
        if step == provost_manifest::Step::Committed {
            let count = git(other.root(), &["rev-list", "--count", "HEAD"]);
            other.commit_and_push("README", &count);
        }
    });
    let pushed = clone.push_to(&racing);
    let error = pushed.failure.as_ref().unwrap();
    assert_eq!((error.code(), pushed.tries), ("contended", 3));
    assert!(error.to_string().contains("3 tries"), "{error}");
    assert_eq!(pushed.queued.len(), 1);
    assert!(clone.queue()[0].contains("moved before each of 3 tries"));
    assert!(clone.flush().is_complete());
    assert_eq!(bare.runs(), [7]);
}

#[test]
fn an_older_word_does_not_undo_a_newer_one() {
    let bare = Bare::new();
    let (early, late) = (bare.clone_of(), bare.clone_of());
    early.record(failure(7, "v1", "cancelled"));
    let artifacts = early.manifests().artifacts();
    artifacts.write(&tag("v1"), ArtifactKind::Failure, b"{\"early\":1}").unwrap();
    late.record_at(accepted(7, "v1", 1), "2026-11-23T13:00:00Z");
    let artifacts = late.manifests().artifacts();
    artifacts.write(&tag("v1"), ArtifactKind::Failure, b"{\"late\":1}").unwrap();
    assert!(late.push().is_complete());
    let tip = bare.tip("main");
    assert!(early.push().is_complete());
    assert_eq!(bare.tip("main"), tip, "the newer word stands as it was");
    // And the other way round the newer one takes the place of the older.
    let bare = Bare::new();
    git(early.root(), &["remote", "set-url", "origin", bare.path().to_str().unwrap()]);
    git(late.root(), &["remote", "set-url", "origin", bare.path().to_str().unwrap()]);
    assert!(early.push().is_complete() && late.push().is_complete());
    assert_eq!(bare.entries()[0].decision, Some(provost_record::Verdict::Accepted));
    assert_eq!(bare.read("artifacts/slsa/v1/failure.json").as_deref(), Some("{\"late\":1}"));
    assert_eq!(bare.runs(), [7]);
}

#[test]
fn an_entry_stays_in_the_file_where_it_first_stood_on_the_branch() {
    let bare = Bare::new();
    let (first, second) = (bare.clone_of(), bare.clone_of());
    first.record_at(success(7, "v1"), "2026-11-20T12:00:00Z");
    second.record(accepted(7, "v1", 1));
    assert!(first.push().is_complete() && second.push().is_complete());
    let files = bare.files("main");
    assert_eq!(files, ["README", "docs/reports/2026-11-20/manifest.json"]);
    assert_eq!(bare.entries()[0].validated_at, time(NOON));
}

#[test]
fn what_was_announced_is_pushed_too() {
    let bare = Bare::new();
    let clone = bare.clone_of();
    clone.record(failure(7, "v1", "cancelled"));
    assert!(clone.push().is_complete());
    let mut told = failure(7, "v1", "cancelled");
    told.notified = Some(Notified::new(true, Some(12)));
    clone.record_at(told, "2026-11-23T13:00:00Z");
    let pushed = clone.push();
    assert!(pushed.is_complete() && pushed.commit.is_some());
    assert_eq!(bare.entries()[0].notified, Some(Notified::new(true, Some(12))));
    assert_eq!(bare.entries()[0].validated_at, time(NOON));
}

#[test]
fn an_empty_repository_gets_its_first_commit() {
    let bare = Bare::empty();
    let clone = bare.clone_of();
    clone.record(success(7, "v1"));
    let pushed = clone.push();
    assert!(pushed.is_complete(), "{pushed:?}");
    assert_eq!(bare.linear_commits(pushed.branch.as_deref().unwrap()), 1);
    assert_eq!(bare.files(pushed.branch.as_deref().unwrap()), [DAY]);
    assert!(clone.push().commit.is_none());
}

#[test]
fn a_branch_that_is_not_there_begins_with_the_records() {
    let bare = Bare::new();
    let clone = bare.clone_of();
    clone.record(success(7, "v1"));
    let pushed = clone.push_to(&to_branch("records/slsa"));
    assert!(pushed.is_complete(), "{pushed:?}");
    assert_eq!(bare.files("records/slsa"), [DAY]);
    assert_eq!(bare.linear_commits("records/slsa"), 1);
    assert_eq!(bare.files("main"), ["README"]);
    clone.record(success(8, "v2"));
    assert!(clone.push_to(&to_branch("records/slsa")).is_complete());
    assert_eq!(bare.linear_commits("records/slsa"), 2);
}

#[test]
fn a_shallow_checkout_without_branch_pushes_and_stays_as_it_is() {
    let bare = Bare::new();
    let first = bare.clone_of();
    first.commit_and_push("a", "1");
    let shallow = bare.shallow_clone();
    first.commit_and_push("b", "2");
    shallow.record(success(7, "v1"));
    let state = shallow.own_state();
    let pushed = shallow.push();
    assert!(pushed.is_complete(), "{pushed:?}");
    assert_eq!(shallow.own_state(), state);
    assert_eq!(bare.files("main"), ["README", "a", "b", DAY]);
    assert_eq!(bare.linear_commits("main"), 4);
}

#[test]
fn a_root_below_the_top_of_the_repository_stays_below_it() {
    let bare = Bare::new();
    let clone = bare.clone_of();
    let root = clone.root().join("release records");
    fs::create_dir(&root).unwrap();
    let manifests = provost_manifest::Manifests::at(&root);
    manifests.record(success(7, "v1"), time(NOON)).unwrap();
    let pushed = push(&manifests, &target(), time(NOON)).unwrap();
    assert!(pushed.is_complete(), "{pushed:?}");
    assert_eq!(bare.files("main"), ["README", &format!("release records/{DAY}")]);
    assert!(push(&manifests, &target(), time(NOON)).unwrap().commit.is_none());
}

#[test]
fn records_that_were_committed_here_by_hand_are_pushed_as_well() {
    let bare = Bare::new();
    let clone = bare.clone_of();
    clone.record(success(7, "v1"));
    git(clone.root(), &["add", "--all"]);
    git(clone.root(), &["commit", "--quiet", "--message", "by hand"]);
    assert!(clone.push().is_complete());
    assert_eq!(bare.runs(), [7]);
}

#[test]
fn git_knows_who_commits_or_provost_does() {
    let bare = Bare::new();
    let clone = bare.clone_of();
    let author = |run: u64, variables: &[(&str, &str)]| {
        clone.record(success(run, "v1"));
        let mut pusher = clone.pusher("push");
        pusher.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
        let output = pusher.envs(variables.iter().copied()).output().unwrap();
        assert!(output.stdout.ends_with(b"complete\n"), "{output:?}");
        git(bare.path(), &["log", "-1", "--format=%an <%ae>, %cn <%ce>", "main"])
    };
    let provost = "provost <provost@users.noreply.github.com>";
    assert_eq!(author(1, &[]), format!("{provost}, {provost}"));
    // Half a name is nobody's.
    git(clone.root(), &["config", "user.name", "Ann"]);
    assert_eq!(author(2, &[]), format!("{provost}, {provost}"));
    git(clone.root(), &["config", "user.email", "ann@example.com"]);
    assert_eq!(author(3, &[]), "Ann <ann@example.com>, Ann <ann@example.com>");
    let bot = [("GIT_COMMITTER_NAME", "bot"), ("GIT_COMMITTER_EMAIL", "bot@example.com")];
    assert_eq!(author(4, &bot), "Ann <ann@example.com>, bot <bot@example.com>");
}

#[test]
fn a_trailer_stands_in_the_commit_and_is_found_in_the_history() {
    let bare = Bare::new();
    let clone = bare.clone_of();
    let seal = |value: &str| Some(CommitTrailer::new("Provost-Seal", value).unwrap());
    let found = |target: &PushTarget| clone.manifests().trailers("Provost-Seal", target).unwrap();
    assert_eq!(found(&to_branch("main")), [""; 0]);
    for (run, value) in [(7, "1 sha256:aa"), (8, "2 sha256:bb"), (9, "2 sha256:bb")] {
        clone.record(success(run, "v1"));
        let target = PushTarget { trailer: seal(value), ..to_branch("main") };
        assert!(clone.push_to(&target).is_complete());
        let text = git(bare.path(), &["log", "-1", "--format=%B", "main"]);
        assert!(text.ends_with(&format!("success\n\nProvost-Seal: {value}")), "{text}");
    }
    assert_eq!(found(&to_branch("main")), ["2 sha256:bb", "1 sha256:aa"]);
    assert_eq!(found(&target()), [""; 0], "what was pushed is not what is checked out");
    git(clone.root(), &["reset", "--quiet", "--hard", "origin/main"]);
    assert_eq!(found(&target()), ["2 sha256:bb", "1 sha256:aa"]);
    // What looks like one in the middle of a text is none.
    let text = "mine\n\nProvost-Seal: 3 sha256:cc\n\nnot at the end";
    git(clone.root(), &["commit", "--quiet", "--allow-empty", "--message", text]);
    assert_eq!(found(&target()), ["2 sha256:bb", "1 sha256:aa"]);
}
