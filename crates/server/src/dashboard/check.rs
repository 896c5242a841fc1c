//! The explanation of one check.

use super::frame::{Tab, page as framed};
use super::request::Asked;
use super::text::coded;
use crate::app::App;
use crate::http::Problem;
use maud::{Markup, html};
use provost_policy::check::registry;

pub(super) fn page(app: &App, asked: &Asked) -> Result<Markup, Problem> {
    let id = asked.path.strip_prefix("/checks/").unwrap_or_default();
    let info = registry().find(|info| info.id.as_str() == id);
    let info = info.ok_or_else(|| Problem::not_found("there is no check of that name"))?;
    let main = html! {
        h1 { code { (info.id.as_str()) } }
        p.lead { (coded(info.question)) }
        h2 { "What it compares" }
        p { (coded(info.meaning)) }
        h2 { "How to mend it" }
        p { (coded(info.mend)) }
        p.quiet { "The same in a terminal: " code { "provost explain " (info.id.as_str()) } }
    };
    Ok(framed(app, asked, Tab::Incidents, info.id.as_str(), &main))
}
