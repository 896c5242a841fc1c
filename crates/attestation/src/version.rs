//! Version tags as slsa-verifier's users write them: `v1`, `v1.2`, `v1.2.3-rc.1`.

/// A tag in Go's semantic version form: a leading `v`, one to three numbers, and after three of
/// them a prerelease and build metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseTag<'a> {
    numbers: Vec<&'a str>,
    prerelease: &'a str,
    build: &'a str,
}

impl<'a> ReleaseTag<'a> {
    /// Reads the tag; `None` when it has not this form. Numbers have no leading zero.
    pub fn parse(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix('v')?;
        let (rest, build) = match rest.split_once('+') {
            Some((rest, build)) => (rest, Some(build)),
            None => (rest, None),
        };
        let (core, prerelease) = match rest.split_once('-') {
            Some((core, prerelease)) => (core, Some(prerelease)),
            None => (rest, None),
        };
        let numbers: Vec<&str> = core.split('.').collect();
        let extras_allowed = numbers.len() == 3 || (prerelease.is_none() && build.is_none());
        let well_formed = numbers.len() <= 3
            && extras_allowed
            && numbers.iter().all(|number| is_number(number))
            && prerelease.is_none_or(|text| identifiers(text, true))
            && build.is_none_or(|text| identifiers(text, false));
        well_formed.then(|| Self {
            numbers,
            prerelease: prerelease.unwrap_or_default(),
            build: build.unwrap_or_default(),
        })
    }

    /// Whether it has all three numbers and no build metadata.
    pub fn is_full(&self) -> bool {
        self.numbers.len() == 3 && self.build.is_empty()
    }

    /// What follows the first `-`, or nothing.
    pub fn prerelease(&self) -> &'a str {
        self.prerelease
    }

    /// Whether this tag, as found, is a release of the expected line: the numbers that `expected`
    /// gives are equal, and when it gives all three, so is the whole prerelease. Missing numbers
    /// of the found tag count as 0; build metadata never counts.
    pub fn satisfies(&self, expected: &Self) -> bool {
        let number = |index: usize| self.numbers.get(index).copied().unwrap_or("0");
        let same_numbers =
            expected.numbers.iter().enumerate().all(|(index, wanted)| number(index) == *wanted);
        same_numbers && (expected.numbers.len() < 3 || self.prerelease == expected.prerelease)
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit())
        && (text == "0" || !text.starts_with('0'))
}

/// Dot-separated identifiers; numeric ones of a prerelease have no leading zero (SemVer section 9).
fn identifiers(text: &str, prerelease: bool) -> bool {
    text.split('.').all(|part| {
        let numeric = part.bytes().all(|byte| byte.is_ascii_digit());
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !(prerelease && numeric && part.len() > 1 && part.starts_with('0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn satisfies(found: &str, expected: &str) -> bool {
        let (Some(found), Some(expected)) = (ReleaseTag::parse(found), ReleaseTag::parse(expected))
        else {
            panic!("{found} or {expected} does not parse");
        };
        found.satisfies(&expected)
    }

    #[test]
    fn compares_what_is_asked() {
        for (found, expected) in [
            ("v14", "v14"),
            ("v14", "v14.0"),
            ("v14", "v14.0.0"),
            ("v14.2.1", "v14"),
            ("v14.2.1", "v14.2"),
            ("v14.2", "v14.2.0+b1"),
            ("v1.2.3-rc.1", "v1.2.3-rc.1"),
            ("v1.2.3-rc.1", "v1.2"),
            ("v1.2.3+a.b", "v1.2.3"),
        ] {
            assert!(satisfies(found, expected), "{found} {expected}");
        }
        for (found, expected) in [
            ("v14.2", "v14.2.1"),
            ("v14.2", "v15"),
            ("v14.2", "v14.3"),
            ("v1.2.3-rc.1", "v1.2.3-rc.2"),
            ("v1.2.3-rc.1", "v1.2.3"),
            ("v1.2.3", "v1.2.3-rc.1"),
        ] {
            assert!(!satisfies(found, expected), "{found} {expected}");
        }
    }

    #[test]
    fn refuses_what_is_no_version() {
        for wrong in [
            "",
            "v",
            "1.2.3",
            "v1.",
            "v1.2.3.4",
            "v01",
            "v1-rc",
            "v1.2-rc",
            "v1.2.3-",
            "v1.2.3-01",
            "v1.2.3+",
            "vx",
            "v1.2.3 ",
            "v１",
        ] {
            assert_eq!(ReleaseTag::parse(wrong), None, "{wrong}");
        }
    }
}
