//! One job more in a workflow that is there already: text put in at the end of `jobs:`, and not a
//! byte of the rest touched.
//!
//! Nothing here understands YAML as a whole. What is asked of a file is the plain block style that
//! nearly every workflow has, where indentation alone says which line belongs to what; anything
//! else is refused with its line.

use super::template::fill;

/// A job that can be put into a workflow.
pub(super) struct JobPatch {
    /// The workflow.
    pub(super) path: &'static str,
    /// The id of the job.
    id: &'static str,
    template: &'static str,
}

/// What is put in where.
pub(super) const PATCHES: [JobPatch; 3] = [
    JobPatch {
        path: ".github/workflows/release.yml",
        id: "slsa-provenance-dispatch",
        template: include_str!("../../../../templates/patch/dispatch-job.yml"),
    },
    JobPatch {
        path: ".github/workflows/security-audit.yml",
        id: "provenance-validate",
        template: include_str!("../../../../templates/patch/validate-job.yml"),
    },
    JobPatch {
        path: ".github/workflows/ci-weekly-report.yml",
        id: "provenance-report",
        template: include_str!("../../../../templates/patch/report-job.yml"),
    },
];

/// How deep a job's id is indented.
const DEPTH: usize = 2;

impl JobPatch {
    /// The workflow with the job in it; `None` when it is there already.
    ///
    /// # Errors
    /// Why the file cannot be patched, with the line.
    pub(super) fn apply(
        &self,
        bytes: &[u8],
        values: &[(&str, &str)],
    ) -> Result<Option<String>, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is no UTF-8 text".to_owned())?;
        let line_end = line_end(text)?;
        let jobs = Jobs::find(text)?;
        if jobs.ids.contains(&self.id) {
            return Ok(None);
        }
        let needs = jobs.ids.join(", ");
        let mut all = vec![("needs", needs.as_str())];
        all.extend(values);
        let job = fill(self.template, &all).replace('\n', line_end);
        let (before, behind) = text.split_at(jobs.end);
        // The last line of a file may lack its end.
        let gap = if before.ends_with('\n') { line_end } else { &line_end.repeat(2) };
        Ok(Some(format!("{before}{gap}{job}{behind}")))
    }
}

/// What ends a line in this file.
fn line_end(text: &str) -> Result<&'static str, String> {
    let (all, dos) = (text.matches('\n').count(), text.matches("\r\n").count());
    match text.matches('\r').count() {
        0 => Ok("\n"),
        returns if returns == dos && dos == all => Ok("\r\n"),
        _ => Err("its lines do not all end alike".to_owned()),
    }
}

/// The block below `jobs:`.
struct Jobs<'a> {
    ids: Vec<&'a str>,
    /// Offset behind the last line of the block.
    end: usize,
}

impl<'a> Jobs<'a> {
    fn find(text: &'a str) -> Result<Self, String> {
        let mut jobs: Option<Self> = None;
        let mut inside = false;
        let mut offset = 0;
        for (index, raw) in text.split_inclusive('\n').enumerate() {
            let number = index + 1;
            let line = raw.trim_end();
            let start = offset;
            offset += raw.len();
            let content = line.trim_start_matches(' ');
            let depth = line.len() - content.len();
            if content.starts_with('\t') {
                return Err(format!("line {number} is indented with a tab"));
            }
            if content.is_empty() || (depth == 0 && content.starts_with('#')) {
                continue;
            }
            if depth == 0 {
                if content.starts_with("---") && text[..start].lines().all(is_comment) {
                    continue;
                }
                let key = top_key(content)
                    .ok_or_else(|| format!("line {number} is no plain `key:` of a workflow"))?;
                inside = key == "jobs";
                if inside {
                    if jobs.is_some() {
                        return Err(format!("line {number} is a second `jobs:`"));
                    }
                    if !is_bare(content, "jobs") {
                        return Err(format!("line {number}: the jobs are not in block style"));
                    }
                    jobs = Some(Self { ids: Vec::new(), end: offset });
                }
                continue;
            }
            let Some(found) = jobs.as_mut().filter(|_| inside) else { continue };
            found.end = offset;
            found.line(number, depth, content)?;
        }
        match jobs {
            Some(jobs) if !jobs.ids.is_empty() => Ok(jobs),
            Some(_) => Err("it has no job yet".to_owned()),
            None => Err("it has no top-level `jobs:`".to_owned()),
        }
    }

    /// A line of the block, which is not empty.
    fn line(&mut self, number: usize, depth: usize, content: &'a str) -> Result<(), String> {
        if content.starts_with('#') && depth <= DEPTH {
            return Ok(());
        }
        if depth < DEPTH || depth == DEPTH + 1 || (self.ids.is_empty() && depth != DEPTH) {
            return Err(format!("line {number}: its jobs are not indented by two blanks"));
        }
        if depth > DEPTH {
            return Ok(());
        }
        let id = content.split(':').next().unwrap_or_default();
        if !is_id(id) || !is_bare(content, id) {
            return Err(format!("line {number} is no plain `job:` in block style"));
        }
        if self.ids.contains(&id) {
            return Err(format!("line {number}: the job {id} is there twice"));
        }
        self.ids.push(id);
        Ok(())
    }
}

fn is_comment(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#')
}

/// The key of a line such as `name: x` or `"on":`.
fn top_key(content: &str) -> Option<&str> {
    let (key, rest) = content.split_once(':')?;
    let key = key.trim_matches(['"', '\'']);
    (is_id(key) && (rest.is_empty() || rest.starts_with(' '))).then_some(key)
}

/// Whether the line is `key:` with nothing behind it but a comment.
fn is_bare(content: &str, key: &str) -> bool {
    let Some(rest) = content.strip_prefix(key).and_then(|rest| rest.strip_prefix(':')) else {
        return false;
    };
    rest.is_empty() || rest.strip_prefix(' ').is_some_and(|rest| rest.trim_start().starts_with('#'))
}

/// An id as GitHub takes it for a job.
fn is_id(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "\
# Our release.
name: release
\"on\":
  push:
    tags: [v*]
permissions: {}
jobs: # two of them

  # first
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          echo 'jobs:'
        name: x
  publish: # second
    needs: build
    runs-on: ubuntu-latest
    steps: [{run: 'true'}]
    # the end of publish

# Environment.
env:
  A: 1
";

    fn patch() -> JobPatch {
        JobPatch { path: "x", id: "added", template: "  added:\n    needs: [{{needs}}]\n" }
    }

    fn apply(text: &str) -> Result<Option<String>, String> {
        patch().apply(text.as_bytes(), &[])
    }

    #[test]
    fn a_job_is_put_behind_the_last_one_and_nothing_else_changes() {
        let patched = apply(PLAIN).expect("plain").expect("a change");
        let inserted = "\n  added:\n    needs: [build, publish]\n";
        let (before, behind) = patched.split_once(inserted).expect("the job");
        assert_eq!(format!("{before}{behind}"), PLAIN);
        assert!(before.ends_with("    # the end of publish\n"));
        assert!(behind.starts_with("\n# Environment.\n"));
        assert_eq!(apply(&patched), Ok(None), "a second time");
    }

    #[test]
    fn a_last_line_without_its_end_gets_one() {
        let text = "jobs:\n  a:\n    runs-on: x";
        let patched = apply(text).expect("plain").expect("a change");
        assert_eq!(patched, format!("{text}\n\n  added:\n    needs: [a]\n"));
    }

    #[test]
    fn lines_end_as_they_did() {
        let dos = PLAIN.replace('\n', "\r\n");
        let patched = apply(&dos).expect("plain").expect("a change");
        assert_eq!(patched, apply(PLAIN).expect("plain").expect("a change").replace('\n', "\r\n"));
        assert!(apply(&dos.replacen("\r\n", "\n", 1)).is_err());
        assert!(apply(&PLAIN.replacen("build", "bu\rild", 1)).is_err());
    }

    #[test]
    fn what_is_not_plain_is_refused_with_its_reason() {
        for (from, to, reason) in [
            ("jobs: # two of them", "job:", "no top-level `jobs:`"),
            ("jobs: # two of them", "jobs: {", "line 7: the jobs are not in block style"),
            ("jobs: # two of them", "jobs: &all", "line 7: the jobs are not in block style"),
            ("jobs: # two of them", "\"jobs\":", "line 7: the jobs are not in block style"),
            ("jobs: # two of them", "jobs:#x", "line 7 is no plain"),
            ("env:", "jobs:", "line 23 is a second `jobs:`"),
            ("env:", "...", "line 23 is no plain"),
            ("env:", "---", "line 23 is no plain"),
            ("env:", "? env", "line 23 is no plain"),
            ("  build:", "    build:", "line 10: its jobs are not indented by two blanks"),
            ("  publish:", " publish:", "line 16: its jobs are not indented by two blanks"),
            ("  publish:", "   publish:", "line 16: its jobs are not indented by two blanks"),
            ("  publish:", "\tpublish:", "line 16 is indented with a tab"),
            ("  publish: # second", "  publish: {runs-on: x}", "line 16 is no plain `job:`"),
            ("  publish: # second", "  publish: &x", "line 16 is no plain `job:`"),
            ("  publish: # second", "  'publish':", "line 16 is no plain `job:`"),
            ("  publish: # second", "  <<: *x", "line 16 is no plain `job:`"),
            ("  publish:", "  build:", "line 16: the job build is there twice"),
        ] {
            assert_eq!(PLAIN.matches(from).count(), 1, "{from}");
            let error = apply(&PLAIN.replace(from, to)).expect_err(to);
            assert!(error.contains(reason), "{to}: {error}");
        }
        assert!(apply("").is_err());
        assert!(apply("name: x\njobs:\n").is_err());
        assert!(patch().apply(b"jobs:\n  a:\n    x: \xff\n", &[]).is_err());
    }

    #[test]
    fn a_document_mark_at_the_top_is_plain() {
        assert!(apply(&format!("# x\n---\n{PLAIN}")).is_ok());
    }
}
