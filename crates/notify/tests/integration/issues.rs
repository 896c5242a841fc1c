use crate::memory::{Fault, LOGIN, Memory};
use crate::world::{at, notice, notice_of};
use provost_notify::{
    Announcement, FailureNotice, Incident, IssueState, Recovery, Told, announce, announce_recovery,
};

const LABEL: &str = "ops-alert";

fn tell(notice: &FailureNotice, told: Told, memory: &Memory) -> Announcement {
    announce(notice, told, None, Some((memory, LABEL)))
}

fn recovery(incident: Incident) -> Recovery {
    let run_url = Some("https://github.com/acme/app/actions/runs/78".to_owned());
    Recovery { incidents: vec![incident], run_url, at: at(9) }
}

#[test]
fn the_issue_says_what_happened_and_what_to_do() {
    let memory = Memory::default();
    let said = tell(&notice(), Told::default(), &memory);
    assert_eq!(said.told, Told { slack: false, issue: Some(1) });
    assert_eq!(memory.title(1), "Release provenance failed: v1.2.3 (run 77)");
    let body = memory.body(1);
    for part in [
        "- Repository: `acme/app`\n",
        "- Tag: `v1.2.3`\n",
        "- Run: 77, <https://github.com/acme/app/actions/runs/77>\n",
        "- Workflow: `release`\n",
        "- Release: <https://github.com/acme/app/releases/tag/v1.2.3>\n",
        "- Reason: `the build broke`\n",
        "- Failed checks: `source-ref`\n",
        "- Next step: open the run\n",
        &format!("```json\n{}```\n", notice().failure_json),
    ] {
        assert!(body.contains(part), "{part} in {body}");
    }
}

#[test]
fn an_incident_has_one_issue_however_often_it_is_told() {
    let memory = Memory::default();
    let mut told = Told::default();
    for _ in 0..3 {
        told = tell(&notice(), told, &memory).told;
        // Somebody who remembers nothing finds it too.
        assert!(tell(&notice(), Told::default(), &memory).is_delivered);
    }
    assert_eq!(memory.states(), [(1, IssueState::Open)]);
    assert_eq!(memory.comments_on(1), [""; 0]);
    for other in [notice_of(78, "v1.2.3", "x", 0), notice_of(77, "v1.2.4", "x", 0)] {
        tell(&other, Told::default(), &memory);
    }
    assert_eq!(memory.states().len(), 3);
}

#[test]
fn a_later_report_becomes_one_comment() {
    let memory = Memory::default();
    let told = tell(&notice(), Told::default(), &memory).told;
    let later = notice_of(77, "v1.2.3", "the upload broke", 5);
    for _ in 0..3 {
        assert!(tell(&later, told, &memory).is_delivered);
    }
    // The first report again is old news.
    tell(&notice(), told, &memory);
    let comments = memory.comments_on(1);
    assert_eq!(comments.len(), 1, "{comments:?}");
    assert!(comments[0].contains("- Reason: `the upload broke`\n"), "{comments:?}");
    assert_eq!(memory.states(), [(1, IssueState::Open)]);
}

#[test]
fn a_closed_issue_is_opened_again_by_a_later_report_only() {
    let memory = Memory::default();
    let told = tell(&notice(), Told::default(), &memory).told;
    memory.close(1);
    assert!(tell(&notice(), told, &memory).is_delivered);
    assert_eq!(memory.states(), [(1, IssueState::Closed)]);
    tell(&notice_of(77, "v1.2.3", "again", 5), told, &memory);
    assert_eq!(memory.states(), [(1, IssueState::Open)]);
    assert_eq!(memory.comments_on(1).len(), 1);
}

#[test]
fn a_marker_of_somebody_else_is_not_honoured() {
    let donor = Memory::default();
    tell(&notice(), Told::default(), &donor);
    let forged = donor.body(1);
    let memory = Memory::default();
    memory.plant("stranger", &forged, IssueState::Open);
    memory.plant("provost-bot", &forged, IssueState::Closed);
    assert_eq!(tell(&notice(), Told::default(), &memory).told.issue, Some(3));
    // And neither is one in a comment.
    let later = notice_of(77, "v1.2.3", "again", 5);
    let told = tell(&later, Told::default(), &donor).told;
    let comment = donor.comments_on(1).remove(0);
    memory.plant_comment(3, "stranger", &comment);
    tell(&later, told, &memory);
    assert_eq!(memory.comments_on(3).len(), 2);
    // A login is the same in any letter case.
    memory.rename("Provost-Bot[bot]");
    assert_eq!(tell(&notice(), Told::default(), &memory).told.issue, Some(3));
}

#[test]
fn a_marker_in_a_hostile_text_is_that_of_no_incident() {
    let victim = notice_of(78, "v2", "x", 0);
    let donor = Memory::default();
    tell(&victim, Told::default(), &donor);
    let marker = donor.body(1).lines().next().expect("marker").to_owned();
    for reason in [
        marker.clone(),
        format!("--> {marker}"),
        format!("x\n{marker}\nx"),
        format!("-->\n{marker}"),
    ] {
        for field in 0..4 {
            let mut hostile = notice();
            match field {
                0 => hostile.reason = reason.clone(),
                1 => hostile.incident.tag = reason.clone(),
                2 => hostile.workflow = Some(reason.clone()),
                _ => hostile.failure_json = format!("{:#}\n", serde_json::json!({"r": reason})),
            }
            let memory = Memory::default();
            assert_eq!(tell(&hostile, Told::default(), &memory).told.issue, Some(1));
            let said = tell(&victim, Told::default(), &memory);
            assert_eq!(said.told.issue, Some(2), "{field} {reason}");
            // A comment of ours that quotes it settles nothing either.
            let mut later = hostile.clone();
            later.occurred_at = at(5);
            tell(&later, Told::default(), &memory);
            let closed = announce_recovery(&recovery(victim.incident.clone()), &memory, LABEL);
            assert_eq!(closed.expect("recovery"), [2]);
            assert_eq!(memory.states()[0].1, IssueState::Open);
        }
    }
}

#[test]
fn an_opening_without_an_answer_opens_no_second_one() {
    for (faults, issues) in [
        (&[Fault::CreateDoneUnknown][..], 1),
        (&[Fault::CreateLostUnknown], 1),
        (&[Fault::CreateLostUnknown, Fault::CreateDoneUnknown], 1),
    ] {
        let memory = Memory::with(faults);
        let said = tell(&notice(), Told::default(), &memory);
        assert_eq!(said.told.issue, Some(1), "{faults:?}");
        assert_eq!(memory.states().len(), issues, "{faults:?}");
    }
    let memory = Memory::with(&[Fault::CreateLostUnknown, Fault::CreateLostUnknown]);
    let said = tell(&notice(), Told::default(), &memory);
    assert!(!said.is_delivered && said.tries[0].failure.is_some());
    assert_eq!(memory.states(), []);
}

#[test]
fn of_two_jobs_at_once_the_first_issue_goes_on() {
    let memory = Memory::with(&[Fault::CreateRaced]);
    let said = tell(&notice(), Told::default(), &memory);
    assert_eq!(said.told.issue, Some(1));
    assert_eq!(memory.states(), [(1, IssueState::Open), (2, IssueState::Closed)]);
    assert!(memory.comments_on(2)[0].contains("#1 goes on"));
}

#[test]
fn a_tracker_that_cannot_be_read_gets_no_order() {
    for fault in [Fault::ListRefused, Fault::LabelRefused, Fault::CreateRefused] {
        let memory = Memory::with(&[fault]);
        let said = tell(&notice(), Told::default(), &memory);
        assert!(!said.is_delivered, "{fault:?}");
        assert_eq!(said.told, Told::default(), "{fault:?}");
        assert_eq!(memory.states(), [], "{fault:?}");
        // The repeat tells it.
        assert!(tell(&notice(), said.told, &memory).is_delivered);
    }
    let nameless = Memory::default();
    nameless.rename("");
    assert!(!tell(&notice(), Told::default(), &nameless).is_delivered);
}

#[test]
fn a_success_closes_the_issue_once() {
    let memory = Memory::default();
    tell(&notice(), Told::default(), &memory);
    tell(&notice_of(1, "v9", "other", 0), Told::default(), &memory);
    let recovery = recovery(notice().incident);
    assert_eq!(announce_recovery(&recovery, &memory, LABEL).expect("closed"), [1]);
    assert_eq!(memory.states(), [(1, IssueState::Closed), (2, IssueState::Open)]);
    let comments = memory.comments_on(1);
    assert!(comments[0].contains("<https://github.com/acme/app/actions/runs/78>"), "{comments:?}");
    assert_eq!(announce_recovery(&recovery, &memory, LABEL).expect("nothing"), [0; 0]);
    assert_eq!(memory.comments_on(1).len(), 1);
}

#[test]
fn a_recovery_that_was_cut_short_is_completed() {
    let memory = Memory::default();
    tell(&notice(), Told::default(), &memory);
    let recovery = recovery(notice().incident);
    // It was said, and the issue not closed.
    announce_recovery(&recovery, &memory, LABEL).expect("closed");
    let said = memory.comments_on(1).remove(0);
    let memory = Memory::default();
    tell(&notice(), Told::default(), &memory);
    memory.plant_comment(1, LOGIN, &said);
    assert_eq!(announce_recovery(&recovery, &memory, LABEL).expect("closed"), [1]);
    assert_eq!(memory.comments_on(1).len(), 1);
    // It could not be said: the issue stays open.
    let memory = Memory::with(&[]);
    tell(&notice(), Told::default(), &memory);
    let failing = Memory::with(&[Fault::CommentRefused]);
    failing.plant(LOGIN, &memory.body(1), IssueState::Open);
    assert!(announce_recovery(&recovery, &failing, LABEL).is_err());
    assert_eq!(failing.states(), [(1, IssueState::Open)]);
}

#[test]
fn a_success_closes_what_was_opened_twice() {
    let memory = Memory::default();
    tell(&notice(), Told::default(), &memory);
    memory.plant(LOGIN, &memory.body(1), IssueState::Open);
    memory.plant("stranger", &memory.body(1), IssueState::Open);
    let recovery = recovery(notice().incident);
    assert_eq!(announce_recovery(&recovery, &memory, LABEL).expect("closed"), [1, 2]);
    assert_eq!(memory.states()[2], (3, IssueState::Open));
}
