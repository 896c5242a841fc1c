//! When it was signed: every witness of the time, the certificate and the clock.

use crate::splices::{
    AFTER_CHAIN, ALL_BUT_LOG, CHAIN, LOG, PROMISED, TIME, decide, judge_request, judge_splice,
    judge_splice_of, scene,
};
use crate::world::{
    SIGNED_AT, SIGSTORE, assert_accepted, assert_rejected, check, judge_bytes, layer_after, now,
    root_for, verifier,
};
use jiff::{SignedDuration, Timestamp};
use provost_testkit::{BundleShape, SigningRequest, instant};

#[test]
fn the_log_entry_of_another_time() {
    // Its time lies outside the certificate, which must not be blamed.
    for shape in PROMISED {
        let mut other = scene(shape).request();
        other.signed_at = instant("2025-03-01T12:00:00Z");
        let decision = judge_splice_of(&scene(shape).request(), &other, |attestation, other| {
            attestation.log_entries = other.log_entries.clone();
        });
        assert_rejected(&decision, LOG, "", &ALL_BUT_LOG);
    }
}

#[test]
fn an_edited_time_of_the_log() {
    for shape in PROMISED {
        let decision = judge_splice(shape, |attestation, _| {
            *attestation.log_entries[0].integrated_time.as_mut().unwrap() += 1;
        });
        assert_rejected(&decision, LOG, "", &ALL_BUT_LOG);
    }
}

#[test]
fn a_time_of_the_log_that_nobody_signed() {
    let decision = judge_splice(BundleShape::V03RekorV1, |attestation, _| {
        attestation.log_entries[0].signed_entry_timestamp = None;
    });
    assert_rejected(&decision, TIME, "no verified timestamp", &layer_after(TIME));
    // An RFC 3161 timestamp beside it carries the bundle; the unsigned time counts for nothing.
    let request = scene(BundleShape::V03RekorV1AndTsa).request();
    let mut attestation = SIGSTORE.sign(&request);
    let entry = &mut attestation.log_entries[0];
    entry.signed_entry_timestamp = None;
    entry.integrated_time = Some(instant("2020-06-01T00:00:00Z").as_second());
    let decision = decide(&root_for(request.shape), &attestation, request.shape);
    assert_accepted(&decision);
    assert_eq!(decision.facts().unwrap().signed_at, Some(instant(SIGNED_AT)));
}

#[test]
fn a_second_timestamp_outside_the_certificate() {
    let shape = BundleShape::V03RekorV1AndTsa;
    for time in ["2026-03-01T11:59:59Z", "2026-03-01T12:10:01Z"] {
        let late = judge_request(shape, |request| request.timestamped_at = Some(instant(time)));
        assert_rejected(&late, CHAIN, "", &AFTER_CHAIN);
        let request = scene(shape).request();
        let mut attestation = SIGSTORE.sign(&request);
        let second = SIGSTORE.timestamp(attestation.signature(), instant(time));
        attestation.timestamps.push(second);
        let decision = decide(&root_for(shape), &attestation, shape);
        assert_rejected(&decision, CHAIN, "", &AFTER_CHAIN);
    }
}

#[test]
fn the_clock_is_not_before_the_evidence() {
    for shape in BundleShape::ALL {
        let scene = scene(shape);
        let attestation = SIGSTORE.sign(&scene.request());
        let at = |now: Timestamp| {
            let verifier = verifier(&root_for(shape));
            judge_bytes(&verifier, attestation.bundle_json().as_bytes(), &scene.policy(), now)
        };
        let signed_at = instant(SIGNED_AT);
        assert_accepted(&at(signed_at));
        for early in [
            signed_at - SignedDuration::from_secs(1),
            signed_at - SignedDuration::from_hours(1),
            Timestamp::UNIX_EPOCH,
        ] {
            assert_rejected(&at(early), TIME, "the clock says", &layer_after(TIME));
        }
        // The certificate has expired long ago, the authorities some day too: no fault.
        for late in [
            now(),
            instant("2031-03-01T12:00:00Z"),
            instant("2038-01-19T03:14:08Z"),
            instant("2046-03-01T12:00:00Z"),
            instant("2106-02-07T06:28:16Z"),
        ] {
            let decision = at(late);
            assert_accepted(&decision);
            assert!(check(&decision, CHAIN).has_passed());
        }
    }
}

#[test]
fn times_at_the_edges_of_the_certificate() {
    let set = |request: &mut SigningRequest, time: &str| match request.shape {
        BundleShape::V03Tsa | BundleShape::V03RekorV2 => {
            request.timestamped_at = Some(instant(time));
        }
        _ => request.integrated_at = Some(instant(time)),
    };
    for shape in BundleShape::ALL {
        for time in ["2026-03-01T12:00:00Z", "2026-03-01T12:10:00Z"] {
            assert_accepted(&judge_request(shape, |request| set(request, time)));
        }
        for time in ["2026-03-01T11:59:59Z", "2026-03-01T12:10:01Z"] {
            let decision = judge_request(shape, |request| set(request, time));
            assert_rejected(&decision, CHAIN, "", &AFTER_CHAIN);
        }
    }
}
