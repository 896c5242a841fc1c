//! The roots built into the program.

use jiff::Timestamp;
use provost_verify::root::{InvalidRoot, Root};
use sigstore_trust_root::{SIGSTORE_GITHUB_TRUSTED_ROOT, SIGSTORE_PRODUCTION_TRUSTED_ROOT};

/// The day on which the embedded roots were fetched over TUF: the release of the
/// `sigstore-trust-root` version this program is built with.
pub const EMBEDDED_ON: &str = "2026-10-23T00:00:00Z";

/// After how many days an embedded root is warned of.
pub const STALE_AFTER_DAYS: i64 = 180;

/// The public-good instance, and GitHub's instance for private repositories.
///
/// # Errors
/// [`InvalidRoot`], when the embedded files cannot be used: a fault of this build.
pub fn embedded_roots() -> Result<Vec<Root>, InvalidRoot> {
    [SIGSTORE_PRODUCTION_TRUSTED_ROOT, SIGSTORE_GITHUB_TRUSTED_ROOT]
        .into_iter()
        .map(Root::from_json)
        .collect()
}

/// Whether the embedded roots are old enough to be warned of at `now`.
pub fn is_stale(now: Timestamp) -> bool {
    EMBEDDED_ON
        .parse::<Timestamp>()
        .is_ok_and(|day| now.duration_since(day).as_hours() > STALE_AFTER_DAYS * 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_instances_can_be_used() {
        let roots = embedded_roots().expect("embedded roots");
        assert_eq!(roots.len(), 2);
        for root in &roots {
            assert_eq!(root.prepare(), Ok(()));
        }
        assert!(roots[0].has_log() && roots[0].has_ct_log());
        assert!(!roots[1].has_log() && !roots[1].has_ct_log());
    }

    #[test]
    fn age_is_counted_in_days() {
        let at = |text: &str| is_stale(text.parse().expect("time"));
        assert!(!at("2026-11-23T00:00:00Z"));
        assert!(!at("2027-04-21T00:00:00Z"));
        assert!(at("2027-04-22T00:00:00Z"));
    }
}
