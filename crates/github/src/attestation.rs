//! Attestations that GitHub stores by subject digest.

use crate::error::GithubError;
use crate::repository::Repository;
use provost_outbound::Url;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The most attestations of one digest that are read. Beyond, decoys would cost more than they
/// may (CVE-2024-45395); reaching it is an error, never "not found".
const MAX_ATTESTATIONS: usize = 1_000;
/// The largest bundle, as everywhere.
const MAX_BUNDLE: u64 = 16 * 1024 * 1024;
/// The most bytes of all bundles of one digest.
const MAX_BUNDLES: usize = 64 * 1024 * 1024;

/// A bundle, exactly as GitHub keeps it. Nothing of it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestedBundle {
    /// The bundle's JSON text.
    pub text: String,
}

#[derive(Deserialize)]
struct Page {
    attestations: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    bundle: Option<Box<RawValue>>,
    bundle_url: Option<String>,
}

impl Repository<'_> {
    /// The bundles of a subject, `sha256:…`, inline or behind their URLs; empty when there is
    /// none. Which repository they are of is nothing that the answer could prove: their signatures
    /// do.
    ///
    /// # Errors
    /// [`GithubError::LimitReached`] for more than a thousand, or 64 MiB; [`GithubError::InvalidAnswer`] for
    /// one without bundle, or behind a URL that downloads do not come from.
    pub fn attestations(&self, digest: &str) -> Result<Vec<AttestedBundle>, GithubError> {
        let what = self.of(format!("the attestations for {digest}"));
        let pages = self.github.pages(self.url(&["attestations", digest]), &what);
        let items = match pages.all(MAX_ATTESTATIONS, |page: Page| page.attestations) {
            Ok(items) => items,
            // GitHub says this of a digest without any.
            Err(error) if error.is_not_found() => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let (mut bundles, mut bytes) = (Vec::new(), 0);
        for item in items {
            let bundle = self.bundle(item, &what)?;
            bytes += bundle.text.len();
            if bytes > MAX_BUNDLES {
                return Err(GithubError::LimitReached { what, limit: bundles.len() });
            }
            bundles.push(bundle);
        }
        Ok(bundles)
    }

    fn bundle(&self, item: Item, what: &str) -> Result<AttestedBundle, GithubError> {
        let invalid =
            |why: &str| GithubError::InvalidAnswer { what: what.to_owned(), why: why.to_owned() };
        if let Some(bundle) = item.bundle.filter(|bundle| bundle.get() != "null") {
            return Ok(AttestedBundle { text: bundle.get().to_owned() });
        }
        let url = item.bundle_url.ok_or_else(|| invalid("it has neither bundle nor bundle_url"))?;
        let url = Url::parse(&url).map_err(|_| invalid("its bundle_url is no URL"))?;
        if !self.github.may_download(&url) {
            return Err(invalid("its bundle_url is of a host that downloads do not come from"));
        }
        let stream = self.github.download(url, "*/*", what)?;
        let answer = stream.with_limit(MAX_BUNDLE).read()?;
        let bytes = decompressed(answer.body).map_err(|why| invalid(&why))?;
        let text = String::from_utf8(bytes).map_err(|_| invalid("its bundle is no UTF-8"))?;
        Ok(AttestedBundle { text })
    }
}

/// The bytes, decompressed when they are snappy (raw format); JSON says itself that it is not.
fn decompressed(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    if bytes.trim_ascii_start().first() == Some(&b'{')
        && serde_json::from_slice::<&RawValue>(&bytes).is_ok()
    {
        return Ok(bytes);
    }
    let length = snap::raw::decompress_len(&bytes)
        .map_err(|_| "its bundle is neither JSON nor snappy".to_owned())?;
    if length as u64 > MAX_BUNDLE {
        return Err("its bundle is too large".to_owned());
    }
    snap::raw::Decoder::new()
        .decompress_vec(&bytes)
        .map_err(|_| "its bundle is neither JSON nor snappy".to_owned())
}
