//! Secrets: read from the environment or a file, and never shown.

use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The longest secret that is read, in bytes. GitHub's tokens have below 300.
const MAX_BYTES: u64 = 16 * 1024;
/// The shortest that is looked for in answers.
const MIN_BYTES: usize = 8;

/// A token, or an address that works like one. It cannot be printed and is wiped when dropped.
#[derive(Clone)]
pub struct Secret(SecretString);

/// A secret that cannot be used. The texts never repeat it.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SecretError {
    /// It is there, and empty or not one printable word.
    #[error(
        "{place} holds no usable secret: it must be one line of printable characters without \
         spaces; set it again without quotes or line breaks"
    )]
    Unusable {
        /// The variable or file.
        place: String,
    },
    /// It is there, and empty or not one line.
    #[error(
        "{place} holds no usable text: it must be one line without control characters; set it \
         again without quotes or line breaks"
    )]
    UnusableLine {
        /// The variable or file.
        place: String,
    },
    /// The file cannot be read.
    #[error("cannot read the secret in {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
}

impl Secret {
    /// Takes a secret over. `place` says in errors where it came from.
    ///
    /// # Errors
    /// [`SecretError::Unusable`] unless it is one printable ASCII word: it ends up in a header.
    pub fn new(text: String, place: &str) -> Result<Self, SecretError> {
        let trimmed = text.trim_end_matches(['\r', '\n']);
        let is_word = !trimmed.is_empty() && trimmed.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_word || trimmed.len() as u64 > MAX_BYTES {
            return Err(SecretError::Unusable { place: place.to_owned() });
        }
        Ok(Self(SecretString::from(trimmed.to_owned())))
    }

    /// The secret in the variable `name`, or in the file that `<name>_FILE` names; `None` when
    /// neither is set. A variable that is set and empty counts as not set, as GitHub sets a missing
    /// secret so.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn from_environment(
        name: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, SecretError> {
        if let Some(text) = variable(name).filter(|text| !text.is_empty()) {
            return Self::new(text, name).map(Some);
        }
        match variable(&format!("{name}_FILE")).filter(|path| !path.is_empty()) {
            Some(path) => Self::from_file(Path::new(&path)).map(Some),
            None => Ok(None),
        }
    }

    /// The same for a line of text, such as a path with spaces, which must never be sent in a
    /// header: only control characters are refused.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn line_from_environment(
        name: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, SecretError> {
        if let Some(text) = variable(name).filter(|text| !text.is_empty()) {
            return Self::line(text, name).map(Some);
        }
        match variable(&format!("{name}_FILE")).filter(|path| !path.is_empty()) {
            Some(path) => {
                let text = only_line(Path::new(&path))?;
                Self::line(text, &path).map(Some)
            }
            None => Ok(None),
        }
    }

    fn line(text: String, place: &str) -> Result<Self, SecretError> {
        let trimmed = text.trim_end_matches(['\r', '\n']);
        let is_line = !trimmed.is_empty() && !trimmed.contains(char::is_control);
        if !is_line || trimmed.len() as u64 > MAX_BYTES {
            return Err(SecretError::UnusableLine { place: place.to_owned() });
        }
        Ok(Self(SecretString::from(trimmed.to_owned())))
    }

    /// The secret that is the only line of a file.
    ///
    /// # Errors
    /// [`SecretError`].
    pub fn from_file(path: &Path) -> Result<Self, SecretError> {
        Self::new(only_line(path)?, &path.display().to_string())
    }

    /// The text with `***` wherever it repeats the secret; `None` when it nowhere does. What is too
    /// short to be a secret is left alone: it would be found in anything.
    pub(crate) fn taken_out_of(&self, bytes: &[u8]) -> Option<Vec<u8>> {
        let secret = self.expose();
        if secret.len() < MIN_BYTES {
            return None;
        }
        let text = String::from_utf8_lossy(bytes);
        text.contains(secret).then(|| text.replace(secret, "***").into_bytes())
    }

    /// The secret itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

fn only_line(path: &Path) -> Result<String, SecretError> {
    use std::io::Read;
    let unreadable = |source| SecretError::Unreadable { path: path.to_owned(), source };
    let mut text = String::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(MAX_BYTES + 2).read_to_string(&mut text).map_err(unreadable)?;
    Ok(text)
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables<'a>(set: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| set.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn a_secret_comes_from_the_variable_or_from_the_file_it_names() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("token");
        std::fs::write(&path, "from-file\n").expect("write");
        let path = path.display().to_string();
        let read = |set: &[(&str, &str)]| {
            let secret = Secret::from_environment("TOKEN", variables(set));
            secret.map(|secret| secret.map(|secret| secret.expose().to_owned()))
        };
        assert_eq!(read(&[]).expect("none"), None);
        assert_eq!(read(&[("TOKEN", "")]).expect("none"), None);
        assert_eq!(read(&[("TOKEN", "a")]).expect("one"), Some("a".into()));
        assert_eq!(read(&[("TOKEN", "a\r\n")]).expect("one"), Some("a".into()));
        assert_eq!(read(&[("TOKEN_FILE", &path)]).expect("one"), Some("from-file".into()));
        assert_eq!(read(&[("TOKEN", "a"), ("TOKEN_FILE", &path)]).expect("one"), Some("a".into()));
        for wrong in ["can ary", "can\nary", " canary", "can\u{e4}ry", "canary\u{1b}[0m"] {
            let error = read(&[("TOKEN", wrong)]).expect_err(wrong).to_string();
            assert!(error.starts_with("TOKEN ") && !error.contains("can"), "{error}");
        }
        assert!(read(&[("TOKEN_FILE", "/nonexistent/token")]).is_err());
        let long = "x".repeat(20_000);
        assert!(read(&[("TOKEN", &long)]).is_err());
    }

    #[test]
    fn a_line_may_hold_what_a_word_may_not() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("li ne");
        std::fs::write(&path, "in a file\r\n").expect("write");
        let path = path.display().to_string();
        let read = |set: &[(&str, &str)]| {
            let line = Secret::line_from_environment("PLACE", variables(set));
            line.map(|line| line.map(|line| line.expose().to_owned()))
        };
        assert_eq!(read(&[("PLACE", "")]).expect("none"), None);
        assert_eq!(read(&[("PLACE", " a \u{e4}\n")]).expect("one"), Some(" a \u{e4}".into()));
        assert_eq!(read(&[("PLACE_FILE", &path)]).expect("one"), Some("in a file".into()));
        for wrong in ["can\nary", "canary\u{1b}[0m", "can\tary", "can\u{85}ary", "\n"] {
            let error = read(&[("PLACE", wrong)]).expect_err(wrong).to_string();
            assert!(error.starts_with("PLACE ") && !error.contains("can"), "{error}");
        }
        assert!(read(&[("PLACE", &"x ".repeat(10_000))]).is_err());
        assert!(read(&[("PLACE_FILE", "/nonexistent/place")]).is_err());
    }

    #[test]
    fn a_secret_is_taken_out_of_what_repeats_it() {
        let secret = Secret::new("ghp_canary".into(), "TOKEN").expect("secret");
        let taken = |text: &[u8]| secret.taken_out_of(text);
        assert_eq!(taken(b"Bearer ghp_canary, ghp_canary"), Some(b"Bearer ***, ***".to_vec()));
        assert_eq!(taken(b"\xffghp_canary"), Some("\u{fffd}***".into()));
        for other in [&b"ghp_canar"[..], b"", b"GHP_CANARY"] {
            assert_eq!(taken(other), None);
        }
        let short = Secret::new("a".into(), "TOKEN").expect("secret");
        assert_eq!(short.taken_out_of(b"a"), None);
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        let secret = Secret::new("ghp_canary".into(), "TOKEN").expect("secret");
        assert!(!format!("{secret:?} {:?}", Some(&secret)).contains("canary"));
    }
}
