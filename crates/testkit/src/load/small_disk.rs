//! A file system that is soon full.

use super::Broken;
use crate::postgres::Guard;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A file system in memory with a fixed size. It goes with this value or with the process.
#[derive(Debug)]
pub struct SmallDisk {
    folder: PathBuf,
    _guard: Guard,
}

impl SmallDisk {
    /// Mounts one of so many MiB; everybody may write on it.
    ///
    /// # Errors
    /// [`Broken`] where nothing may be mounted, which most users may not.
    pub fn mount(mib: u32) -> Result<Self, Broken> {
        let folder = tempfile::Builder::new().prefix("provost-disk-").tempdir();
        let folder = folder.map_err(|error| Broken::at("a folder", error))?.keep();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={mib}m,mode=1777"), "none"]).arg(&folder);
        let mounted = mount.stdout(Stdio::null()).stderr(Stdio::null()).status();
        if !mounted.is_ok_and(|status| status.success()) {
            std::fs::remove_dir(&folder).ok();
            return Err(Broken("no file system may be mounted here".to_owned()));
        }
        let guard = Guard::set(
            Command::new("/bin/sh"),
            "",
            "umount -l \"$1\"; rmdir \"$1\"",
            &[folder.as_os_str()],
        );
        Ok(Self { folder, _guard: guard })
    }

    /// Where it is mounted.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Fills it to the last byte.
    ///
    /// # Errors
    /// [`Broken`] when it cannot be written at all.
    pub fn fill(&self) -> Result<(), Broken> {
        let file = File::options().create(true).append(true).open(self.ballast());
        let mut file = file.map_err(|error| Broken::at("the ballast", error))?;
        for size in [1 << 20, 4096, 1] {
            let block = vec![0; size];
            while file.write(&block).is_ok_and(|written| written > 0) {}
        }
        Ok(())
    }

    /// Takes what [`Self::fill`] wrote away.
    ///
    /// # Errors
    /// [`Broken`] when it cannot.
    pub fn free(&self) -> Result<(), Broken> {
        std::fs::remove_file(self.ballast()).map_err(|error| Broken::at("the ballast", error))
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }
}
