//! `softprops/action-gh-release`: a draft release of a tag, found again when it is there.

use super::{Action, Done, Trouble};
use crate::github::Release;

pub(super) fn perform(action: &Action<'_>) -> Result<Done, Trouble> {
    action.needs("contents", "write")?;
    let tag = action.input("tag_name");
    if !action.flag("draft", false)? || tag.is_empty() {
        return Err(Trouble::Refused("other than a draft of a tag is not known".into()));
    }
    let repository = &action.run.stage.repository;
    let is_there = repository.releases().iter().any(|release| release.tag == tag);
    if !is_there {
        repository.release(Release::new(tag).draft());
    }
    Ok(Done { log: format!("draft release of {tag}"), ..Done::default() })
}
