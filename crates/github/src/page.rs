//! Lists that come in pages.

use crate::error::GithubError;
use crate::github::{GitHub, parse};
use provost_outbound::{Answer, Url};
use serde::de::DeserializeOwned;

/// Items a page, the most that GitHub gives.
const PER_PAGE: &str = "100";
/// Fewer items a page than this, over many pages, is no list that GitHub would give.
const FEWEST: usize = 10;

/// A list that is read page by page, along the header `Link: <…>; rel="next"`.
pub(crate) struct Pages<'a> {
    github: &'a GitHub,
    next: Option<Url>,
    what: String,
}

impl<'a> Pages<'a> {
    pub(crate) fn new(github: &'a GitHub, mut url: Url, what: &str) -> Self {
        url.query_pairs_mut().append_pair("per_page", PER_PAGE);
        Self { github, next: Some(url), what: what.to_owned() }
    }

    /// The next page; `None` after the last.
    pub(crate) fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, GithubError> {
        let Some(url) = self.next.take() else { return Ok(None) };
        let answer = self.github.get(url, &self.what)?;
        self.next = self.next_url(&answer)?;
        parse(&answer, &self.what).map(Some)
    }

    /// Reads pages until `limit` items were seen and takes those that `items` finds in each.
    /// Pages that are all but empty end it as well: a list could go on without end in them.
    ///
    /// # Errors
    /// [`GithubError::LimitReached`] when there are more: what is beyond may be what is sought.
    pub(crate) fn all<P: DeserializeOwned, T>(
        mut self,
        limit: usize,
        items: impl Fn(P) -> Vec<T>,
    ) -> Result<Vec<T>, GithubError> {
        let most_pages = limit / FEWEST + FEWEST;
        let (mut all, mut pages) = (Vec::new(), 0);
        while let Some(page) = self.next::<P>()? {
            all.extend(items(page));
            pages += 1;
            if all.len() > limit || (pages >= most_pages && self.next.is_some()) {
                return Err(self.limit_reached(limit));
            }
        }
        Ok(all)
    }

    pub(crate) fn limit_reached(&self, limit: usize) -> GithubError {
        GithubError::LimitReached { what: self.what.clone(), limit }
    }

    /// The next page's URL, which must be of the same API: the token goes along.
    fn next_url(&self, answer: &Answer) -> Result<Option<Url>, GithubError> {
        let Some(next) = answer.header("link").and_then(next_of) else { return Ok(None) };
        let invalid = |why: &str| GithubError::InvalidAnswer {
            what: self.what.clone(),
            why: format!("its next page {why}"),
        };
        let url = Url::parse(next).map_err(|_| invalid("is no URL"))?;
        match self.github.settings().api.is_of(&url) {
            true => Ok(Some(url)),
            false => Err(invalid("is of another server")),
        }
    }
}

/// The target of `rel="next"` in a `Link` header (RFC 8288). A target may hold commas and
/// semicolons; a page that is overlooked would make what stands on it "not found".
fn next_of(header: &str) -> Option<&str> {
    let mut rest = header;
    while let Some((_, from)) = rest.split_once('<') {
        let (target, after) = from.split_once('>')?;
        let (parameters, links) = after.split_once(',').unwrap_or((after, ""));
        let is_next = parameters
            .split(';')
            .filter_map(|one| one.trim().split_once('='))
            .any(|(name, value)| name == "rel" && value.trim_matches('"') == "next");
        if is_next {
            return Some(target);
        }
        rest = links;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::next_of;

    #[test]
    fn the_next_page_is_the_link_that_says_so() {
        let header = "<https://h/a?page=1>; rel=\"prev\", <https://h/a?page=3>; rel=\"next\"";
        assert_eq!(next_of(header), Some("https://h/a?page=3"));
        let commas =
            "<https://h/a?labels=x,y;z&page=1>; rel=\"prev\", <https://h/a?l=x,y>; rel=next";
        assert_eq!(next_of(commas), Some("https://h/a?l=x,y"));
        for none in ["", "<https://h/a>; rel=\"last\"", "https://h/a; rel=\"next\"", "<>"] {
            assert_eq!(next_of(none), None, "{none}");
        }
    }
}
