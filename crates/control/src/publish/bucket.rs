//! The docs bucket: where a file of the manifest lies in it.

use provost_manifest::RelativePath;
use provost_outbound::{Origin, Url};

/// A bucket of Supabase Storage.
///
/// Objects are written below `…/object/BUCKET` and read below `…/object/authenticated/BUCKET`,
/// which serves private and public buckets alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocsBucket {
    upload: Origin,
    download: Origin,
}

impl DocsBucket {
    /// Reads `https://HOST/storage/v1/object/BUCKET`; `what` names the setting.
    ///
    /// # Errors
    /// What is wrong, ready to print.
    pub fn parse(text: &str, what: &str) -> Result<Self, String> {
        let text = text.trim_end_matches('/');
        let origin = |text: &str| Origin::parse(text, what).map_err(|error| error.to_string());
        let upload = origin(text)?;
        let form = || {
            format!(
                "{what}: it must be https://HOST/storage/v1/object/BUCKET, with the bucket's \
                 name alone behind `object/`"
            )
        };
        let (service, bucket) = text.rsplit_once("/object/").ok_or_else(form)?;
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        let is_plain = !bucket.is_empty() && bucket.bytes().all(is_name);
        if !is_plain || matches!(bucket, "." | ".." | "public" | "authenticated" | "sign") {
            return Err(form());
        }
        let download = origin(&format!("{service}/object/authenticated/{bucket}"))?;
        Ok(Self { upload, download })
    }

    /// The host that must be reachable.
    pub(super) fn host(&self) -> &str {
        self.upload.host()
    }

    pub(super) fn upload_url(&self, path: &RelativePath) -> Url {
        self.upload.join(&path.as_str().split('/').collect::<Vec<_>>())
    }

    pub(super) fn download_url(&self, path: &RelativePath) -> Url {
        self.download.join(&path.as_str().split('/').collect::<Vec<_>>())
    }
}

impl std::fmt::Display for DocsBucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.upload.url().as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use provost_manifest::Day;

    #[test]
    fn a_file_lies_below_the_bucket_under_its_own_path() {
        let path = Day::from_folder("2026-11-23").expect("day").path();
        for text in [
            "https://h.example/storage/v1/object/docs",
            "https://h.example/storage/v1/object/docs/",
        ] {
            let bucket = DocsBucket::parse(text, "x").expect(text);
            assert_eq!(
                bucket.upload_url(&path).as_str(),
                "https://h.example/storage/v1/object/docs/docs/reports/2026-11-23/manifest.json"
            );
            assert_eq!(
                bucket.download_url(&path).path(),
                "/storage/v1/object/authenticated/docs/docs/reports/2026-11-23/manifest.json"
            );
        }
    }

    #[test]
    fn what_is_no_bucket_is_refused_by_its_setting() {
        for wrong in [
            "http://h.example/storage/v1/object/docs",
            "https://u:hunter2@h.example/storage/v1/object/docs",
            "https://h.example/storage/v1/object/docs?token=hunter2",
            "https://h.example/storage/v1/object/public/docs",
            "https://h.example/storage/v1/object/public",
            "https://h.example/storage/v1/object/",
            "https://h.example/storage/v1/object/..",
            "https://h.example/storage/v1/docs",
            "https://h.example/storage/v1/object/a%2Fb",
            "docs",
        ] {
            let error = DocsBucket::parse(wrong, "[manifest].docs_bucket_url").expect_err(wrong);
            assert!(error.contains("[manifest].docs_bucket_url"), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
