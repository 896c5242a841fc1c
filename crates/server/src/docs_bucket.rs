//! The bucket of documents, from which manifests are fetched: below one configured address only.

use crate::error::ServerError;
use crate::http::Problem;
use axum::http::StatusCode;
use provost_control::config::ServerSection;
use provost_outbound::{Client, Limits, Origin, Request, Retry, Secret, Url, shown};
use std::time::Duration;

/// The largest manifest that is fetched.
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// The bucket.
#[derive(Debug, Clone)]
pub(crate) struct DocsBucket {
    base: Origin,
    key: Option<Secret>,
    client: Client,
    retry: Retry,
}

impl DocsBucket {
    /// The bucket of `[server].manifest_base_url`; `None` without one.
    pub(crate) fn new(
        section: &ServerSection,
        key: Option<Secret>,
        retry: &Retry,
    ) -> Result<Option<Self>, ServerError> {
        let Some(base) = &section.manifest_base_url else {
            return Ok(None);
        };
        let base = Origin::parse(base, "[server].manifest_base_url")?;
        let limits = Limits {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(10),
            max_bytes: MAX_BYTES,
        };
        let client = Client::new(vec![base.host().to_owned()], limits)?;
        Ok(Some(Self { base, key, client, retry: retry.clone() }))
    }

    /// The text of the manifest at `url`, which must be below the base. Redirects are not
    /// followed, so it cannot lead anywhere else.
    pub(crate) async fn manifest(&self, url: &str) -> Result<String, Problem> {
        let url = self.below(url).ok_or_else(|| {
            Problem::invalid("manifest_url: it must be below [server].manifest_base_url")
        })?;
        let place = shown(&url);
        let request = Request::get(url).bearer(self.key.as_ref());
        let own = self.clone();
        let answer = tokio::task::spawn_blocking(move || own.retry.send(&own.client, &request));
        let failed = |why: String| {
            tracing::warn!(manifest = place, why, "the manifest at {place} was not fetched");
            let detail = "the manifest could not be fetched; the server's log says why";
            Problem::new(StatusCode::BAD_GATEWAY, "manifest-unavailable", detail)
        };
        match answer.await {
            Ok(Ok(answer)) if answer.status == 200 => String::from_utf8(answer.body)
                .map_err(|_| Problem::invalid("the manifest is no UTF-8")),
            Ok(Ok(answer)) => Err(failed(format!("it answered {}", answer.status))),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(_) => Err(failed("the fetch was stopped".to_owned())),
        }
    }

    /// The address when it is below the base: the same scheme, host and port, the base's path as
    /// whole segments, and nothing that a server could take for a way out.
    fn below(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let lower = text.to_ascii_lowercase();
        let has_way_out = lower.contains("%2e")
            || lower.contains("%2f")
            || lower.contains("%5c")
            || text.contains(['\\', '\t', '\n', '\r'])
            || text.split('/').any(|segment| segment == "." || segment == "..");
        let is_plain = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        let base = self.base.url().path().trim_end_matches('/');
        let rest = url.path().strip_prefix(base)?;
        let is_below = rest.starts_with('/') && rest.len() > 1;
        (self.base.is_of(&url) && is_plain && !has_way_out && is_below).then_some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_below_the_base_or_refused() {
        let section = ServerSection {
            manifest_base_url: Some("https://docs.example.com/reports/".into()),
            ..ServerSection::default()
        };
        let bucket = DocsBucket::new(&section, None, &Retry::default()).expect("bucket");
        let bucket = bucket.expect("one is configured");
        let good = "https://docs.example.com/reports/2026-11-23/manifest.json";
        assert!(bucket.below(good).is_some());
        for bad in [
            "https://docs.example.com/reports",
            "https://docs.example.com/reports/",
            "https://docs.example.com/reports-evil/manifest.json",
            "https://docs.example.com/reports/../secret.json",
            "https://docs.example.com/reports/%2e%2e/secret.json",
            "https://docs.example.com/reports/..%2fsecret.json",
            "https://docs.example.com/reports\\..\\secret.json",
            "https://docs.example.com/reports/manifest.json?x",
            "https://docs.example.com/reports/manifest.json#x",
            "https://u@docs.example.com/reports/manifest.json",
            "https://docs.example.com:444/reports/manifest.json",
            "http://docs.example.com/reports/manifest.json",
            "https://docs.example.com.evil.example/reports/manifest.json",
            "https://evil.example/https://docs.example.com/reports/manifest.json",
            "file:///reports/manifest.json",
            "",
        ] {
            assert!(bucket.below(bad).is_none(), "{bad}");
        }
    }
}
