//! Pushes or flushes once and says what came of it: the smallest writer to a remote there is.
//!
//! ```text
//! push ROOT NOW push [DIES_AFTER]
//! push ROOT NOW flush [DIES_AFTER]
//! ```
//!
//! Prints a line for each step as it is done, and at the end `complete` or `queued`. With
//! `DIES_AFTER` the process kills itself (SIGKILL) once that many steps are done.

use provost_manifest::{Manifests, PushTarget, RemoteName, Step, flush, push};
use std::error::Error;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where there is nobody to tell, the exit code says it.
            let _ = writeln!(std::io::stderr(), "push: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [root, now, verb, rest @ ..] = arguments else {
        return Err("usage: push ROOT NOW push|flush [DIES_AFTER]".into());
    };
    let dies_after = rest.first().map(|number| number.parse()).transpose()?;
    let target = PushTarget::new(RemoteName::default(), None).observed_by(dying(dies_after));
    let manifests = Manifests::at(Path::new(root));
    let pushed = match verb.as_str() {
        "push" => push(&manifests, &target, now.parse()?)?,
        "flush" => flush(&manifests, None, &target, now.parse()?)?,
        other => return Err(format!("{other:?} is neither push nor flush").into()),
    };
    if let Some(error) = &pushed.failure {
        writeln!(std::io::stderr(), "push: {error}")?;
    }
    let word = if pushed.is_complete() { "complete" } else { "queued" };
    writeln!(std::io::stdout(), "{word}")?;
    Ok(())
}

/// Tells each step, and kills this process after so many of them.
fn dying(after: Option<usize>) -> impl Fn(Step) + Send + Sync + 'static {
    let done = AtomicUsize::new(0);
    move |step| {
        // A reader that has gone away is no reason to stop.
        let _ = writeln!(std::io::stdout(), "{step:?}");
        if after == Some(done.fetch_add(1, Ordering::Relaxed) + 1) {
            let this = rustix::process::getpid();
            let _ = rustix::process::kill_process(this, rustix::process::Signal::KILL);
        }
    }
}
