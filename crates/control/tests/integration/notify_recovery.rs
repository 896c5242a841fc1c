//! A later success ends the incidents of its tag.

use crate::notify_world::{Issues, NOON, ONE, Repo, tell};
use provost_control::{ControlError, IssueState, IssueTracker, NotifyRequest, notify_recovery};
use provost_record::Status;

fn of_run(repo: &Repo, run: u64) -> NotifyRequest {
    NotifyRequest { run, ..repo.request("", "") }
}

fn closed(repo: &Repo, run: u64, issues: &Issues) -> Result<Vec<u64>, ControlError> {
    notify_recovery(&of_run(repo, run), Some(issues))
}

#[test]
fn a_success_of_another_run_closes_what_failed_before_it() {
    let (repo, issues) = (Repo::new(), Issues::default());
    tell(&repo.request("", "the build broke"), &issues, NOON);
    repo.record(78, Status::Success, ONE);
    tell(&of_run(&repo, 79), &issues, "2026-11-23T14:00:00Z");
    assert_eq!(closed(&repo, 78, &issues).unwrap(), [1]);
    assert_eq!(closed(&repo, 78, &issues).unwrap(), [0; 0]);
    let states: Vec<_> = issues.issues.borrow().iter().map(|issue| issue.state).collect();
    assert_eq!(states, [IssueState::Closed, IssueState::Open], "run 79 failed later");
    let said = issues.comments(1).unwrap();
    assert_eq!(said.len(), 1);
    assert!(said[0].body.contains("<https://github.com/acme/app/actions/runs/78>"), "{said:?}");
}

#[test]
fn nobody_is_told_that_all_is_well_without_a_success_in_the_manifest() {
    let (repo, issues) = (Repo::new(), Issues::default());
    tell(&repo.request("", "the build broke"), &issues, NOON);
    for run in [77, 78] {
        let error = closed(&repo, run, &issues).unwrap_err();
        assert!(matches!(error, ControlError::NothingToCheck(_)), "{error}");
    }
    assert_eq!(issues.issues.borrow()[0].state, IssueState::Open);
}

#[test]
fn what_cannot_be_closed_is_an_error() {
    let (repo, issues) = (Repo::new(), Issues::default());
    repo.record(78, Status::Success, NOON);
    // Nothing ever failed: nobody needs to be asked.
    assert_eq!(notify_recovery(&of_run(&repo, 78), None).unwrap(), [0; 0]);
    tell(&repo.request("", "the build broke"), &issues, NOON);
    repo.record(80, Status::Success, ONE);
    assert!(matches!(notify_recovery(&of_run(&repo, 80), None), Err(ControlError::Issues(_))));
    issues.is_down.set(true);
    assert!(matches!(closed(&repo, 80, &issues), Err(ControlError::Issues(_))));
    issues.is_down.set(false);
    assert_eq!(closed(&repo, 80, &issues).unwrap(), [1]);
}
