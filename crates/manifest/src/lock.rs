//! One writer at a time: an exclusive `flock` on the root folder itself.
//!
//! On the folder, because a lock file of its own would lie about in a git tree. The kernel lets go
//! of the lock when its holder dies, however it dies.

use crate::error::ManifestError;
use crate::folder::Folder;
use rustix::fs::{FlockOperation, Mode, OFlags};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// The lock, held until this is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _held: OwnedFd,
}

impl Lock {
    /// Takes the lock, waiting at most `wait` for another process or thread to let go of it.
    ///
    /// # Errors
    /// [`ManifestError::LockTimeout`] after `wait`; [`ManifestError::Io`] where the file system
    /// knows no locks.
    pub(crate) fn hold(root: &Folder, wait: Duration) -> Result<Self, ManifestError> {
        let failed = |source: std::io::Error| ManifestError::Io {
            action: "lock",
            path: root.path().to_owned(),
            source,
        };
        // Its own open file: a lock belongs to the open file, and so excludes other threads too.
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(root, ".", flags, Mode::empty())
            .map_err(|errno| failed(errno.into()))?;
        match rustix::fs::flock(&fd, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { _held: fd }),
            Err(Errno::WOULDBLOCK) => wait_for(fd, wait, root.path(), failed),
            Err(errno) => Err(failed(errno.into())),
        }
    }
}

/// The kernel's wait has no limit, so a thread waits and this one waits for the thread. When time
/// is up the thread is left behind: once it gets the lock nobody takes it, and it is dropped.
fn wait_for(
    fd: OwnedFd,
    wait: Duration,
    path: &Path,
    failed: impl Fn(std::io::Error) -> ManifestError,
) -> Result<Lock, ManifestError> {
    let (sender, receiver) = mpsc::sync_channel(1);
    let waiter = move || {
        let locked = loop {
            match rustix::fs::flock(&fd, FlockOperation::LockExclusive) {
                Err(Errno::INTR) => {}
                Err(errno) => break Err(errno),
                Ok(()) => break Ok(Lock { _held: fd }),
            }
        };
        // Nobody there any more: the lock is dropped with the message.
        let _ = sender.send(locked);
    };
    std::thread::Builder::new().name("manifest-lock".to_owned()).spawn(waiter).map_err(&failed)?;
    match receiver.recv_timeout(wait) {
        Ok(locked) => locked.map_err(|errno| failed(errno.into())),
        Err(RecvTimeoutError::Timeout) => {
            Err(ManifestError::LockTimeout { path: path.to_owned(), waited: wait })
        }
        Err(RecvTimeoutError::Disconnected) => {
            Err(failed(std::io::Error::other("the waiting thread ended")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_holder_waits_and_then_gives_up() {
        let folder = tempfile::tempdir().expect("folder");
        let root = Folder::open_root(folder.path()).expect("root");
        let first = Lock::hold(&root, Duration::ZERO).expect("free");
        let error = Lock::hold(&root, Duration::from_millis(1)).expect_err("held");
        assert!(matches!(error, ManifestError::LockTimeout { .. }));
        drop(first);
        // The thread that was left behind may have the lock for a moment; it lets go by itself.
        Lock::hold(&root, Duration::from_secs(30)).expect("free again");
    }

    #[test]
    fn a_waiting_holder_gets_the_lock_when_it_comes_free() {
        let folder = tempfile::tempdir().expect("folder");
        let root = Folder::open_root(folder.path()).expect("root");
        let first = Lock::hold(&root, Duration::ZERO).expect("free");
        std::thread::scope(|scope| {
            let second = scope.spawn(|| Lock::hold(&root, Duration::from_secs(30)).map(drop));
            drop(first);
            second.join().expect("no panic").expect("lock");
        });
    }
}
