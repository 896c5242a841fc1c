//! Announces failures: Slack first, a GitHub issue where Slack did not take the message.
//!
//! A [`FailureNotice`] goes up a ladder of two rungs, [`announce`], which stops at the first that
//! says it delivered. [`announce_recovery`] closes the issues that a later success settles. What
//! was announced before is the caller's to remember and comes in as [`Told`].
//!
//! The promise is the honest one: *at least once*. Slack knows no repeat, so a crash between
//! sending and remembering may double one message, which then bears the same event id. An issue is
//! never doubled: it is found by listing, by a marker that only our own login can have set.
//!
//! Reading order: [`Incident`], [`FailureNotice`], [`Slack`], [`IssueTracker`], [`announce`],
//! [`announce_recovery`]. It runs no clock and keeps no state.

mod announce;
mod incident;
mod issue_text;
mod link;
mod notice;
mod recovery;
mod reports;
mod slack;
mod slack_function;
mod slack_text;
mod slack_webhook;
mod tracker;

pub use announce::{Announcement, Told, Try, Way, announce};
pub use incident::Incident;
pub use notice::FailureNotice;
pub use recovery::{Recovery, announce_recovery};
pub use slack::{NotDelivered, Slack};
pub use slack_function::SlackFunction;
pub use slack_webhook::{SLACK_HOSTS, SlackWebhook};
pub use tracker::{Comment, Issue, IssueState, IssueTracker, TrackerError};
