//! `provost store verify`

use super::{failed, open};
use crate::args::{PushToArgs, StoreVerifyArgs};
use crate::exit::Exit;
use crate::output::{Output, Shown};
use crate::screen::store::verified;
use crate::verb::manifest::place;
use provost_control::ControlError;
use provost_manifest::Manifests;
use provost_store::{Anchor, Verification};

pub(super) fn run(args: &StoreVerifyArgs, output: &Output) -> Shown {
    let result = anchors(args).and_then(|anchors| {
        let log = open(&args.event_log)?;
        Ok((log.place(), log.verify(&anchors)?, anchors))
    });
    let (place, verification, anchors) = match result {
        Ok(result) => result,
        Err(error) => return failed("the log was not compared with its seals", &error, output),
    };
    let document = verified(&place, &verification, &anchors);
    output.document(&document.json, &document.text)?;
    warn(&verification, args, &anchors, output);
    Ok(if verification.fault.is_some() { Exit::Findings } else { Exit::Fine })
}

/// The seals that were named, and those that commits remember.
fn anchors(args: &StoreVerifyArgs) -> Result<Vec<Anchor>, ControlError> {
    let mut anchors = args.anchor.clone();
    if args.git {
        let to = PushToArgs {
            root: args.root.clone(),
            config: args.event_log.config.clone(),
            branch: None,
            remote: None,
        };
        let (root, target) = place(&to)?;
        let values = Manifests::at(&root)
            .trailers(super::super::seal::TRAILER, &target)
            .map_err(ControlError::Revision)?;
        // What is no seal was written by somebody else, and says nothing about the log.
        anchors.extend(values.iter().filter_map(|value| value.parse::<Anchor>().ok()));
    }
    Ok(anchors)
}

fn warn(verified: &Verification, args: &StoreVerifyArgs, anchors: &[Anchor], output: &Output) {
    if args.git && anchors.len() == args.anchor.len() {
        output.warn(
            "no commit remembers a seal: `provost manifest push` notes the newest one when an \
             event log is configured",
        );
    }
    if verified.fault.is_none() && verified.seals == 0 && verified.unsealed > 0 {
        output.warn(
            "no row is under a seal, so nothing was compared: `provost store seal` makes one, and \
             `provost serve` does so every minute",
        );
    }
}
