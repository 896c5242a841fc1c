//! What signed facts are worth: Policy, checks, Decision.
