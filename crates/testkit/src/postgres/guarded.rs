//! Something that ends with the test process, however that ends.

use std::process::{Child, ChildStdin, Command, Stdio};

/// A shell that waits for its standard input to end, which it does when this value is dropped or the
/// process dies, `kill -9` included, and then does what it was told to.
#[derive(Debug)]
pub(super) struct Guard {
    /// Never written to.
    lifeline: Option<ChildStdin>,
    shell: Child,
}

impl Guard {
    /// `shell` is `sh`, as the user that may clean up. `first` runs at once and `last` at the end,
    /// with `arguments` as `$1` and so on; neither may hold foreign text.
    pub(super) fn set(
        mut shell: Command,
        first: &'static str,
        last: &'static str,
        arguments: &[&std::ffi::OsStr],
    ) -> Self {
        let mut shell = shell
            .arg("-c")
            .arg(format!("{first}\ncat >/dev/null\n{last}"))
            .arg("guard")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("sh");
        Self { lifeline: shell.stdin.take(), shell }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        self.shell.wait().ok();
    }
}
