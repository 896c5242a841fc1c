//! One child process with bounds: how long it may run and how much it may say.

use rustix::process::{Pid, Signal, kill_process_group};
use std::io::{self, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// How much of the standard error is kept: its end, in bytes.
const STDERR_KEPT: usize = 8 << 10;

/// How long the standard error of a process that ended is waited for. A connection that `ssh`
/// keeps open for later calls holds it open as long as that lasts.
const STDERR_WAIT: Duration = Duration::from_millis(500);

/// What a process may use.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// Wall-clock time until it is killed.
    pub(super) time: Duration,
    /// Bytes on its standard output.
    pub(super) stdout: usize,
}

/// A process that came to its own end.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Why a process has no answer.
#[derive(Debug)]
pub(super) enum Unfinished {
    /// It could not be started or heard.
    Io(io::Error),
    /// It said more than it may, and was killed.
    Output,
    /// It ran longer than it may, and was killed.
    Time,
}

/// Runs the command in a process group of its own, so that what it starts dies with it, gives it
/// `stdin`, and waits for its end.
pub(super) fn run(
    mut command: Command,
    stdin: Vec<u8>,
    bounds: Bounds,
) -> Result<Finished, Unfinished> {
    let deadline = Instant::now() + bounds.time;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut running = Running { child: command.spawn().map_err(Unfinished::Io)?, is_over: false };
    write_to(running.child.stdin.take(), stdin);
    let stderr = Tail::of(running.child.stderr.take());
    let stdout = read_from(running.child.stdout.take(), bounds.stdout);
    let left = || deadline.saturating_duration_since(Instant::now());
    let stdout = match stdout.recv_timeout(left()) {
        Ok(Ok(Some(bytes))) => bytes,
        Ok(Ok(None)) => return Err(Unfinished::Output),
        Ok(Err(error)) => return Err(Unfinished::Io(error)),
        Err(RecvTimeoutError::Timeout) => return Err(Unfinished::Time),
        Err(RecvTimeoutError::Disconnected) => {
            return Err(Unfinished::Io(io::Error::other("the reading thread ended")));
        }
    };
    let status = running.wait(deadline)?;
    Ok(Finished { status, stdout, stderr: stderr.end() })
}

/// A child that is killed, with its group, unless it was seen to end.
struct Running {
    child: Child,
    is_over: bool,
}

impl Running {
    /// Its output has ended, so the rest is a matter of moments.
    fn wait(&mut self, deadline: Instant) -> Result<ExitStatus, Unfinished> {
        loop {
            if let Some(status) = self.child.try_wait().map_err(Unfinished::Io)? {
                self.is_over = true;
                return Ok(status);
            }
            if Instant::now() >= deadline {
                return Err(Unfinished::Time);
            }
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        // Not waited for yet, so the number still belongs to this child.
        let _ = kill_process_group(Pid::from_child(&self.child), Signal::KILL);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write_to(to: Option<impl Write + Send + 'static>, bytes: Vec<u8>) {
    let Some(mut to) = to else { return };
    if bytes.is_empty() {
        return;
    }
    // A child that does not read to the end says why with its exit code.
    thread::spawn(move || drop(to.write_all(&bytes)));
}

type Output = io::Result<Option<Vec<u8>>>;

/// All bytes, or `None` when there are more than `limit`.
fn read_from(from: Option<impl Read + Send + 'static>, limit: usize) -> Receiver<Output> {
    let (sender, receiver) = mpsc::sync_channel(1);
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = match from {
            Some(from) => from.take(limit as u64 + 1).read_to_end(&mut bytes),
            None => Ok(0),
        };
        // Nobody listens any more when time is up.
        let _ = sender.send(read.map(|_| (bytes.len() <= limit).then_some(bytes)));
    });
    receiver
}

/// The end of what a stream says.
struct Tail {
    bytes: Arc<Mutex<Vec<u8>>>,
    ended: Receiver<()>,
}

impl Tail {
    fn of(from: Option<impl Read + Send + 'static>) -> Self {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (sender, ended) = mpsc::sync_channel(1);
        let kept = Arc::clone(&bytes);
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            let Some(mut from) = from else { return };
            loop {
                let read = match from.read(&mut buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Ok(0) | Err(_) => break,
                    Ok(read) => read,
                };
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend_from_slice(&buffer[..read]);
                let surplus = kept.len().saturating_sub(STDERR_KEPT);
                kept.drain(..surplus);
            }
            let _ = sender.send(());
        });
        Self { bytes, ended }
    }

    fn end(self) -> Vec<u8> {
        let _ = self.ended.recv_timeout(STDERR_WAIT);
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { time: Duration::from_secs(60), stdout: 1 << 20 };

    fn command(words: &[&str]) -> Command {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        command
    }

    #[test]
    fn what_goes_in_comes_out() {
        let bytes = vec![b'x'; 1 << 20];
        let finished = run(command(&["cat"]), bytes.clone(), BOUNDS).expect("an end");
        assert!(finished.status.success() && finished.stdout == bytes);
        assert!(finished.stderr.is_empty());
    }

    #[test]
    fn a_process_that_hangs_is_killed_with_what_it_started() {
        let bounds = Bounds { time: Duration::from_millis(100), ..BOUNDS };
        // The second sleep holds the pipes as well; both must be gone for this to return.
        let started = Instant::now();
        let words = ["sh", "-c", "sleep 600 & sleep 600"];
        let unfinished = run(command(&words), Vec::new(), bounds).expect_err("no end");
        assert!(matches!(unfinished, Unfinished::Time), "{unfinished:?}");
        assert!(started.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn a_process_that_says_too_much_is_killed() {
        let unfinished = run(command(&["yes"]), Vec::new(), BOUNDS).expect_err("no end");
        assert!(matches!(unfinished, Unfinished::Output), "{unfinished:?}");
        let words = ["sh", "-c", "head -c 100000 /dev/zero >&2; exit 3"];
        let finished = run(command(&words), Vec::new(), BOUNDS).expect("an end");
        assert_eq!((finished.status.code(), finished.stderr.len()), (Some(3), STDERR_KEPT));
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        let unfinished = run(command(&["/no/such/program"]), Vec::new(), BOUNDS);
        assert!(matches!(unfinished, Err(Unfinished::Io(_))), "{unfinished:?}");
    }
}
