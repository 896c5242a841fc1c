//! Package URLs, as far as a subject names a package by one: `pkg:npm/%40scope/name@1.2.3`.

/// Type, full name and version of a package URL, percent-decoded.
///
/// Source: the purl specification; qualifiers and subpath are refused, since a subject that has
/// them names less than the whole package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageUrl {
    /// The ecosystem, such as `npm`.
    pub package_type: String,
    /// Namespace and name joined by `/`, such as `@scope/name`.
    pub name: String,
    /// The version; never empty.
    pub version: String,
}

impl PackageUrl {
    /// Reads a package URL with type, name and version; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("pkg:")?;
        if rest.contains(['?', '#']) {
            return None;
        }
        let (package_type, rest) = rest.split_once('/')?;
        let (name, version) = rest.rsplit_once('@')?;
        let name = percent_decode(name)?;
        let version = percent_decode(version)?;
        let type_ok = !package_type.is_empty()
            && package_type.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        let parts_ok = name.split('/').all(|part| !matches!(part, "" | "." | ".."));
        let clean = !version.is_empty()
            && !name.chars().chain(version.chars()).any(|c| c.is_control() || c.is_whitespace());
        (type_ok && parts_ok && clean).then(|| Self {
            package_type: package_type.to_owned(),
            name,
            version,
        })
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        if *byte == b'%' {
            let (digits, tail) = tail.split_at_checked(2)?;
            let mut decoded = [0];
            hex::decode_to_slice(digits, &mut decoded).ok()?;
            bytes.push(decoded[0]);
            rest = tail;
        } else {
            bytes.push(*byte);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_plain_and_scoped_packages() {
        let plain = PackageUrl::parse("pkg:npm/sigstore@2.0.0").expect("plain");
        assert_eq!((plain.name.as_str(), plain.version.as_str()), ("sigstore", "2.0.0"));
        for scoped in ["pkg:npm/%40a/b@1.0.0", "pkg:npm/@a/b@1.0.0"] {
            let scoped = PackageUrl::parse(scoped).expect("scoped");
            assert_eq!((scoped.name.as_str(), scoped.version.as_str()), ("@a/b", "1.0.0"));
        }
    }

    #[test]
    fn refuses_the_rest() {
        for wrong in [
            "",
            "sigstore@2.0.0",
            "pkg:npm/sigstore",
            "pkg:npm/sigstore@",
            "pkg:npm/@2.0.0",
            "pkg:/sigstore@2.0.0",
            "pkg:npm/a/../b@1",
            "pkg:npm/a@1?x=y",
            "pkg:npm/a@1%",
            "pkg:npm/a@%ff",
            "pkg:npm/a@1%0a",
            "pkg:npm/a%2f%2fb@1",
        ] {
            assert_eq!(PackageUrl::parse(wrong), None, "{wrong}");
        }
    }
}
