//! The GitHub REST API, as far as a release pipeline needs it.
