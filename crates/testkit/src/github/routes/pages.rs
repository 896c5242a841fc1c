//! Pages of a listing and the `Link` header between them.

use super::super::call::Answer;
use super::super::percent::encoded_value;
use super::Route;
use serde_json::Value;

/// GitHub's default.
const PER_PAGE: usize = 30;
/// GitHub cuts larger wishes down to this.
const MOST_PER_PAGE: usize = 100;

/// One page of a listing.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    /// Items on all pages.
    pub(super) total: usize,
    link: Option<String>,
}

impl<T> Page<T> {
    /// The answer with this body and the `Link` header.
    pub(super) fn answer(&self, body: &Value) -> Answer {
        with_link(Answer::json(200, body), self.link.as_deref())
    }
}

pub(super) fn with_link(answer: Answer, link: Option<&str>) -> Answer {
    match link {
        Some(link) => answer.header("link", link),
        None => answer,
    }
}

impl Route<'_> {
    pub(super) fn per_page(&self) -> usize {
        self.wish("per_page").unwrap_or(PER_PAGE).clamp(1, MOST_PER_PAGE)
    }

    fn wish(&self, name: &str) -> Option<usize> {
        self.call.query(name)?.parse().ok()
    }

    /// The page that the call asks for.
    pub(super) fn page_of<T>(&self, all: Vec<T>) -> Page<T> {
        let (per_page, page) = (self.per_page(), self.wish("page").unwrap_or(1).max(1));
        let total = all.len();
        let last = total.div_ceil(per_page).max(1);
        let items = all.into_iter().skip((page - 1).saturating_mul(per_page)).take(per_page);
        let items = items.collect();
        let mut links = Vec::new();
        let mut link = |page: usize, relation: &str| {
            links.push(self.link(("page", page.to_string()), relation));
        };
        if page > 1 {
            link((page - 1).min(last), "prev");
        }
        if page < last {
            link(page + 1, "next");
            link(last, "last");
        }
        if page > 1 {
            link(1, "first");
        }
        let link = (!links.is_empty()).then(|| links.join(", "));
        Page { items, total, link }
    }

    /// `<URL>; rel="…"` of this call for another place in the listing.
    pub(super) fn link(&self, there: (&str, String), relation: &str) -> String {
        let place = ["page", "after", "before"];
        let kept = self.call.query.iter().filter(|(name, _)| !place.contains(&name.as_str()));
        let mut pairs: Vec<_> = kept.cloned().collect();
        pairs.push((there.0.to_owned(), there.1));
        let pairs = pairs
            .iter()
            .map(|(name, value)| format!("{}={}", encoded_value(name), encoded_value(value)));
        let query = pairs.collect::<Vec<_>>().join("&");
        let (api, path) = (&self.shared.addresses.api, &self.call.path);
        format!("<{api}{path}?{query}>; rel=\"{relation}\"")
    }
}
