//! The outputs of a step: the file that `GITHUB_OUTPUT` names (GitHub documentation, "Workflow
//! commands", "Setting an output parameter" and "Multiline strings").

use super::random::{Random, word_absent_from};
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

/// GitHub's limit on the outputs of a job, which it counts as UTF-16.
const MAX_UTF16_BYTES: usize = 1 << 20;

/// The file that takes the outputs of this step. There is no such type for `GITHUB_ENV` and
/// `GITHUB_PATH`: what is written there runs in later steps.
pub(crate) struct OutputFile {
    path: PathBuf,
}

impl OutputFile {
    /// The file of the environment that `variable` reads; `None` outside of GitHub Actions.
    ///
    /// Errors: it is the file of `GITHUB_ENV` or `GITHUB_PATH` too.
    pub(crate) fn from_environment(
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> io::Result<Option<Self>> {
        let Some(path) = variable("GITHUB_OUTPUT").filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        for other in ["GITHUB_ENV", "GITHUB_PATH"] {
            if variable(other).as_ref() == Some(&path) {
                return Err(invalid(format!("GITHUB_OUTPUT and {other} name the same file")));
            }
        }
        Ok(Some(Self { path: path.into() }))
    }

    /// Appends the output `name` with exactly `value`. The name is ours, the value anyone's: it
    /// is kept byte for byte, so a workflow must not paste it into a script.
    ///
    /// Errors: a name that is no letter or `_` followed by letters, digits, `-` and `_`; a value
    /// over 1 MiB in UTF-16; `random` fails; the file cannot be written.
    pub(crate) fn append(
        &self,
        name: &'static str,
        value: &str,
        random: &mut Random<'_>,
    ) -> io::Result<()> {
        if !is_name(name) {
            return Err(invalid(format!("{name:?} cannot name an output")));
        }
        if value.encode_utf16().count() * 2 > MAX_UTF16_BYTES {
            return Err(invalid(format!("the output {name} is longer than GitHub's 1 MiB")));
        }
        let delimiter = word_absent_from(value, random)?;
        // The empty line ends a line that an earlier writer of the same step left open; without
        // it the first line would belong to that, and the value would be read as names.
        let block = format!("\n{name}<<{delimiter}\n{value}\n{delimiter}\n");
        let mut file = OpenOptions::new().append(true).create(true).open(&self.path)?;
        file.write_all(block.as_bytes())
    }
}

fn is_name(name: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let first = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
    name.as_bytes().first().is_some_and(first) && name.bytes().all(inner)
}

fn invalid(message: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidInput, message)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed test may panic")]

    use super::*;
    use crate::sink::random;
    use provost_testkit::hostile;
    use std::fs;
    use std::path::Path;

    type Outputs = Vec<(String, String)>;

    /// What the runner reads (actions/runner, `FileCommandManager.cs`): `NAME=VALUE`, or
    /// `NAME<<DELIMITER` up to the line that is the delimiter. Only a line feed ends a line.
    fn outputs(text: &str) -> Result<Outputs, String> {
        let mut found = Outputs::new();
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        while let Some(line) = lines.next() {
            match (line.find('='), line.find("<<")) {
                _ if line.is_empty() => {}
                (Some(equals), block) if block.is_none_or(|block| equals < block) => {
                    found.push((line[..equals].to_owned(), line[equals + 1..].to_owned()));
                }
                (_, Some(block)) => {
                    let delimiter = &line[block + 2..];
                    let mut value = Vec::new();
                    loop {
                        match lines.next() {
                            None => return Err(format!("no delimiter {delimiter}")),
                            Some(end) if end == delimiter => break,
                            Some(inner) => value.push(inner),
                        }
                    }
                    found.push((line[..block].to_owned(), value.join("\n")));
                }
                _ => return Err(format!("invalid line {line:?}")),
            }
        }
        Ok(found)
    }

    fn in_file<T>(start: &str, run: impl FnOnce(&OutputFile, &Path) -> T) -> T {
        let word = word_absent_from("", &mut random::system).unwrap();
        let path = std::env::temp_dir().join(word);
        fs::write(&path, start).unwrap();
        let file = OutputFile { path: path.clone() };
        let result = run(&file, &path);
        fs::remove_file(path).unwrap();
        result
    }

    #[test]
    fn a_hostile_value_is_one_output_and_comes_back_whole() {
        in_file("", |file, path| {
            let mut written = Outputs::new();
            for (name, value) in hostile::values() {
                let appended = file.append("reason", &value, &mut random::system);
                if value.len() * 2 > MAX_UTF16_BYTES {
                    assert!(appended.is_err(), "{name}");
                } else {
                    appended.unwrap();
                    written.push(("reason".to_owned(), value));
                }
            }
            assert!(written.len() > 50);
            assert_eq!(outputs(&fs::read_to_string(path).unwrap()).unwrap(), written);
        });
    }

    #[test]
    fn a_value_with_the_delimiter_gets_another_one() {
        let word = "provost_00000000000000000000000000000000";
        let value = format!("x\n{word}\nadmin=true");
        in_file("", |file, path| {
            let mut draws = [[0; 16], [1; 16]].into_iter();
            file.append("digest", &value, &mut || Ok(draws.next().unwrap())).unwrap();
            let read = outputs(&fs::read_to_string(path).unwrap()).unwrap();
            assert_eq!(read, [("digest".to_owned(), value.clone())]);
            assert!(file.append("digest", &value, &mut || Ok([0; 16])).is_err());
        });
    }

    #[test]
    fn what_stands_in_the_file_stays_and_takes_no_part() {
        for start in ["tag=v1", "tag=v1\n", "tag<<E\nv1\nE\n", "tag<<E\nv1\nE"] {
            in_file(start, |file, path| {
                file.append("outcome", "x\nadmin=true", &mut random::system).unwrap();
                let text = fs::read_to_string(path).unwrap();
                assert!(text.starts_with(start));
                let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
                let expected = [own("tag", "v1"), own("outcome", "x\nadmin=true")];
                assert_eq!(outputs(&text).unwrap(), expected);
            });
        }
    }

    #[test]
    fn nothing_is_written_for_a_bad_name_or_a_long_value() {
        in_file("", |file, path| {
            for name in ["", "a b", "a=b", "a\nb", "a<<b", "1a", "-a", "ä", "a.b"] {
                let refused = file.append(name, "x", &mut random::system);
                assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput, "{name:?}");
            }
            let limit = MAX_UTF16_BYTES / 2;
            let long = "ä".repeat(limit + 1);
            assert!(file.append("a", &long, &mut random::system).is_err());
            assert!(file.append("a", "x", &mut || Err(io::Error::other("none"))).is_err());
            assert_eq!(fs::read_to_string(path).unwrap(), "");
            file.append("slsa_build-level2", &"ä".repeat(limit), &mut random::system).unwrap();
        });
    }

    #[test]
    fn only_the_output_file_is_taken_from_the_environment() {
        let environment = |pairs: &'static [(&str, &str)]| {
            OutputFile::from_environment(|name| {
                let found = pairs.iter().find(|(variable, _)| *variable == name);
                found.map(|(_, path)| OsString::from(path))
            })
        };
        let pairs = &[("GITHUB_ENV", "/e"), ("GITHUB_OUTPUT", "/o"), ("GITHUB_PATH", "/p")];
        assert_eq!(environment(pairs).unwrap().unwrap().path, Path::new("/o"));
        assert!(environment(&[("GITHUB_ENV", "/e"), ("GITHUB_OUTPUT", "/e")]).is_err());
        assert!(environment(&[("GITHUB_OUTPUT", "/p"), ("GITHUB_PATH", "/p")]).is_err());
        assert!(environment(&[("GITHUB_OUTPUT", ""), ("GITHUB_ENV", "")]).unwrap().is_none());
        assert!(environment(&[("GITHUB_ENV", "/e")]).unwrap().is_none());
    }
}
