//! `docs/ops/README.md`: the one place from which everything about releases is found.

use super::{CHECK, RENDER};

/// Where the index is kept.
pub const INDEX: &str = "docs/ops/README.md";
/// Begins the block of links in a document that somebody else wrote.
pub const LINKS_BEGIN: &str = "<!-- provost workflows docs: links, begin -->";
/// Ends it.
pub const LINKS_END: &str = "<!-- provost workflows docs: links, end -->";

/// The index of a repository that has none.
pub fn index() -> String {
    format!(
        "# Release operations\n\n\
         This page leads to everything that is known of how this repository releases.\n\
         {CHECK}\n\n{}\n",
        links()
    )
}

/// The block of links, without a final line feed.
pub fn links() -> String {
    format!(
        "{LINKS_BEGIN}\n\
         - [Incident runbook](INCIDENT_RUNBOOK.md): what to do when provenance is missing, refused or late.\n\
         - [Workflow table](workflow-summary.md): what every workflow is for, what it may do and what it leaves behind.\n\
         - [Workflow diagram](workflows.mmd): what starts, calls and feeds what; as a picture: `{RENDER}`.\n\
         - [Reports](../reports/): one manifest a day, with an entry for every release and run.\n\
         {LINKS_END}"
    )
}

/// A document with its block of links up to date: replaced where it stands, else at the end.
pub fn with_links(text: &str) -> String {
    let block = links();
    if let (Some(begin), Some(end)) = (text.find(LINKS_BEGIN), text.find(LINKS_END))
        && begin < end
    {
        return format!("{}{block}{}", &text[..begin], &text[end + LINKS_END.len()..]);
    }
    format!("{}\n\n## Documents of the pipeline\n\n{block}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_added_once_and_then_kept_up_to_date() {
        let once = with_links("# Mine\n\nText.\n");
        assert!(once.starts_with("# Mine\n\nText.\n\n## Documents"));
        assert_eq!(with_links(&once), once);
        let stale = once.replace("Incident runbook", "Old name");
        assert_eq!(with_links(&stale), once);
        assert_eq!(with_links(&index()), index());
    }
}
