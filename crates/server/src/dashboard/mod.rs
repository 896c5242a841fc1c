//! The dashboard: pages that the server makes of the event log, for people.
//!
//! Everything works without a script; the one script only brings new rows in, shows times in the
//! reader's zone and copies digests. What a row says is text of a stranger: it reaches a page as
//! text, through `maud`, and never as a name of a file, a script or a style.
//!
//! Reading order: `view` (the table of pages), `request` (what is asked), `frame` (what every page
//! has), a file a page, then `snapshot` and `figures` (what the overview counts) and the small parts.

mod address;
mod asset;
mod chart;
mod check;
mod csv;
mod decision;
mod entrance;
mod figures;
mod frame;
mod health;
mod incident;
mod incidents;
mod markdown;
mod overview;
mod pipeline;
mod release;
mod releases;
mod request;
mod site;
mod snapshot;
mod statement;
mod text;
mod timeline;
mod updates;
mod view;

pub(crate) use snapshot::Snapshots;
pub(crate) use updates::{Updates, watch};
pub(crate) use view::routed;
