//! Bundle + digest + trusted root + time -> VerifiedStatement or Rejection.
