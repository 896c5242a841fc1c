//! What is remembered of a release: ReleaseRecord and Event.
