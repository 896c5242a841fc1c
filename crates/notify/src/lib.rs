//! Announces failures: Slack first, a GitHub issue as fallback.
