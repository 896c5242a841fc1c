//! One open folder. Everything below the root is reached from folder to folder, one component at a
//! time and never through a symbolic link, so that nobody can move a write elsewhere in between.

use crate::error::ManifestError;
use crate::lock::Lock;
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags};
use rustix::io::Errno;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

/// Largest file that is read, in bytes; a manifest is some kilobytes.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// A temporary file is `.provost-<process id>.tmp`, in the folder of the file it will replace.
const TEMPORARY_PREFIX: &str = ".provost-";
const TEMPORARY_SUFFIX: &str = ".tmp";

/// An open folder and its path, which is for messages only.
#[derive(Debug)]
pub(crate) struct Folder {
    fd: OwnedFd,
    path: PathBuf,
}

impl Folder {
    /// Opens the root. The root itself may be reached through links: whoever names it owns it.
    pub(crate) fn open_root(path: &Path) -> Result<Self, ManifestError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|errno| io("open the folder", path.to_owned(), errno))?;
        let path = path.to_owned();
        Ok(Self { fd, path })
    }

    /// Opens a folder in this one; `None` when there is none.
    pub(crate) fn enter(&self, name: &str) -> Result<Option<Self>, ManifestError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => Ok(Some(Self { fd, path: self.path.join(name) })),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(self.refused("open the folder", name, "folder", errno)),
        }
    }

    /// Opens a folder in this one, made first when there is none.
    pub(crate) fn enter_or_create(&self, name: &str) -> Result<Self, ManifestError> {
        if let Some(folder) = self.enter(name)? {
            return Ok(folder);
        }
        match rustix::fs::mkdirat(&self.fd, name, Mode::from_raw_mode(0o777)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(errno) => return Err(io("create the folder", self.path.join(name), errno)),
        }
        self.enter(name)?.ok_or_else(|| io("open the folder", self.path.join(name), Errno::NOENT))
    }

    /// The names in this folder, sorted. A name that is not UTF-8 is not one of ours.
    pub(crate) fn names(&self) -> Result<Vec<String>, ManifestError> {
        let listed = || -> Result<Vec<String>, Errno> {
            let mut names = Vec::new();
            for entry in Dir::read_from(&self.fd)? {
                if let Ok(name) = entry?.file_name().to_str() {
                    names.push(name.to_owned());
                }
            }
            Ok(names)
        };
        let mut names = listed().map_err(|errno| io("list", self.path.clone(), errno))?;
        names.retain(|name| name != "." && name != "..");
        names.sort();
        Ok(names)
    }

    /// Whether a folder of that name is here, and not a link to one.
    pub(crate) fn has_folder(&self, name: &str) -> Result<bool, ManifestError> {
        match rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) => Ok(FileType::from_raw_mode(stat.st_mode) == FileType::Directory),
            Err(Errno::NOENT) => Ok(false),
            Err(errno) => Err(io("look at", self.path.join(name), errno)),
        }
    }

    /// The bytes of a regular file; `None` when there is none.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, ManifestError> {
        self.read_up_to(name, MAX_FILE_BYTES)
    }

    /// The same for a file of at most `limit` bytes.
    pub(crate) fn read_up_to(
        &self,
        name: &str,
        limit: u64,
    ) -> Result<Option<Vec<u8>>, ManifestError> {
        let Some(file) = self.open_file(name)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        file.take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(|source| self.failed("read", name, source))?;
        if bytes.len() as u64 > limit {
            let reason = format!("it is larger than {} MiB", limit >> 20);
            let source = std::io::Error::other(reason);
            return Err(self.failed("read", name, source));
        }
        Ok(Some(bytes))
    }

    /// Writes a file so that whoever looks sees the old bytes or the new, whatever happens in
    /// between: a temporary file beside it, fsync, rename. The folder itself is made durable by
    /// [`Folder::sync`]. The lock is proof that no other writer is about; it also means that every
    /// temporary file found here belongs to a writer that was killed.
    pub(crate) fn replace(
        &self,
        _lock: &Lock,
        name: &str,
        bytes: &[u8],
    ) -> Result<(), ManifestError> {
        let temporary = format!("{TEMPORARY_PREFIX}{}{TEMPORARY_SUFFIX}", std::process::id());
        let written = self.write_new(&temporary, bytes).and_then(|()| {
            rustix::fs::renameat(&self.fd, &*temporary, &self.fd, name)
                .map_err(|errno| io("replace", self.path.join(name), errno))
        });
        if written.is_err() {
            // The first error is the one to tell; what is left over the next writer sweeps away.
            let _ = rustix::fs::unlinkat(&self.fd, &*temporary, AtFlags::empty());
        }
        written
    }

    fn write_new(&self, name: &str, bytes: &[u8]) -> Result<(), ManifestError> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let fd = rustix::fs::openat(&self.fd, name, flags, Mode::from_raw_mode(0o666))
            .map_err(|errno| io("create", self.path.join(name), errno))?;
        let mut file = File::from(fd);
        file.write_all(bytes).map_err(|source| self.failed("write", name, source))?;
        file.sync_all().map_err(|source| self.failed("sync", name, source))
    }

    /// Removes a file, if it is there.
    pub(crate) fn remove(&self, _lock: &Lock, name: &str) -> Result<(), ManifestError> {
        match rustix::fs::unlinkat(&self.fd, name, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(errno) => Err(io("remove", self.path.join(name), errno)),
        }
    }

    /// Makes a file durable that an earlier, killed writer may have left in memory only.
    pub(crate) fn sync_file(&self, name: &str) -> Result<(), ManifestError> {
        let Some(file) = self.open_file(name)? else {
            return Err(io("sync", self.path.join(name), Errno::NOENT));
        };
        file.sync_all().map_err(|source| self.failed("sync", name, source))
    }

    /// Makes the names in this folder durable.
    pub(crate) fn sync(&self) -> Result<(), ManifestError> {
        rustix::fs::fsync(&self.fd).map_err(|errno| io("sync", self.path.clone(), errno))
    }

    /// Removes the temporary files of killed writers. What cannot be removed harms nobody: readers
    /// pass over it and the next writer tries again.
    pub(crate) fn sweep(&self, _lock: &Lock) -> Result<(), ManifestError> {
        for name in self.names()?.iter().filter(|name| is_temporary(name)) {
            let _ = rustix::fs::unlinkat(&self.fd, name.as_str(), AtFlags::empty());
        }
        Ok(())
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Opens without following a link and without waiting for the other end of a pipe.
    fn open_file(&self, name: &str) -> Result<Option<File>, ManifestError> {
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = match rustix::fs::openat(&self.fd, name, flags, Mode::empty()) {
            Ok(fd) => File::from(fd),
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(self.refused("open", name, "file", errno)),
        };
        let metadata = file.metadata().map_err(|source| self.failed("look at", name, source))?;
        if metadata.is_file() {
            return Ok(Some(file));
        }
        Err(ManifestError::InvalidPath {
            path: self.path.join(name),
            found: "is no regular file",
            expected: "file",
        })
    }

    /// Systems spell "that is a link" and "that is no folder" in several ways, so look.
    fn refused(
        &self,
        action: &'static str,
        name: &str,
        expected: &'static str,
        errno: Errno,
    ) -> ManifestError {
        let path = self.path.join(name);
        let kind = rustix::fs::statat(&self.fd, name, AtFlags::SYMLINK_NOFOLLOW)
            .map(|stat| FileType::from_raw_mode(stat.st_mode));
        let found = match kind {
            Ok(FileType::Symlink) => "is a symbolic link",
            Ok(FileType::Directory) => return io(action, path, errno),
            Ok(_) if expected == "folder" => "is no folder",
            _ => return io(action, path, errno),
        };
        ManifestError::InvalidPath { path, found, expected }
    }

    fn failed(&self, action: &'static str, name: &str, source: std::io::Error) -> ManifestError {
        ManifestError::Io { action, path: self.path.join(name), source }
    }
}

impl AsFd for Folder {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

fn is_temporary(name: &str) -> bool {
    name.strip_prefix(TEMPORARY_PREFIX)
        .and_then(|rest| rest.strip_suffix(TEMPORARY_SUFFIX))
        .is_some_and(|id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()))
}

fn io(action: &'static str, path: PathBuf, errno: Errno) -> ManifestError {
    ManifestError::Io { action, path, source: errno.into() }
}
