//! Why a mutant may be accepted all the same. An acceptance that none of this explains is a
//! failure of the run, also when its facts are the same.

use super::space::Place;
use super::specimen::Specimen;

/// Why it changes nothing; `None` when nothing here explains it.
pub(super) fn identical(_specimen: &Specimen, _place: &Place) -> Option<&'static str> {
    None
}

/// Why it may prove the same with fewer witnesses.
pub(super) fn fewer_witnesses(_specimen: &Specimen, _place: &Place) -> Option<&'static str> {
    None
}
