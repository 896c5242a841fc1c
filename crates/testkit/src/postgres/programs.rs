//! Where PostgreSQL's programs are, and as whom they run.

use std::path::{Path, PathBuf};
use std::process::Command;
use thiserror::Error;

/// Why there is no private PostgreSQL here.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Unavailable {
    /// A program was found nowhere.
    #[error("{0} is not installed; PROVOST_POSTGRES_BIN may name its folder")]
    NotInstalled(&'static str),
    /// The tests run as root, which PostgreSQL and PgBouncer refuse, and there is no user `postgres`.
    #[error("PostgreSQL refuses to run as root, and there is no user `postgres`")]
    NoUser,
}

/// The folder with `initdb` and `postgres`.
pub(super) fn server_folder() -> Result<PathBuf, Unavailable> {
    let mut folders: Vec<PathBuf> =
        std::env::var_os("PROVOST_POSTGRES_BIN").map(PathBuf::from).into_iter().collect();
    folders.extend(installed_versions());
    folders.extend(path_folders());
    folders
        .into_iter()
        .find(|folder| ["initdb", "postgres", "pg_ctl"].iter().all(|it| folder.join(it).is_file()))
        .ok_or(Unavailable::NotInstalled("PostgreSQL"))
}

/// A program of PostgreSQL's folder or of `PATH`.
pub(super) fn program(name: &'static str) -> Result<PathBuf, Unavailable> {
    let beside = server_folder().ok().into_iter();
    beside
        .chain(path_folders())
        .chain(["/usr/sbin", "/usr/local/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .ok_or(Unavailable::NotInstalled(name))
}

/// Debian's folders, the newest version first.
fn installed_versions() -> Vec<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut numbered: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .collect();
    numbered.sort();
    numbered.into_iter().rev().map(|(_, folder)| folder).collect()
}

fn path_folders() -> Vec<PathBuf> {
    std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect()).unwrap_or_default()
}

/// Whom the servers run as.
#[derive(Debug, Clone, Copy)]
pub(super) enum RunAs {
    /// Whoever runs the tests.
    Myself,
    /// User and group `postgres`, because the tests run as root.
    Postgres { user: u32, group: u32 },
}

impl RunAs {
    pub(super) fn here() -> Result<Self, Unavailable> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Myself);
        }
        let users = std::fs::read_to_string("/etc/passwd").map_err(|_| Unavailable::NoUser)?;
        users
            .lines()
            .find_map(|line| {
                let mut fields = line.strip_prefix("postgres:")?.split(':').skip(1);
                let user = fields.next()?.parse().ok()?;
                Some(Self::Postgres { user, group: fields.next()?.parse().ok()? })
            })
            .ok_or(Unavailable::NoUser)
    }

    /// A command that runs as this user, in a folder that it may enter.
    pub(super) fn command(self, program: &Path) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new(program);
        command.current_dir("/").process_group(0);
        if let Self::Postgres { user, group } = self {
            command.uid(user).gid(group);
        }
        command
    }

    /// Makes a folder or file this user's own.
    pub(super) fn give(self, path: &Path) {
        if let Self::Postgres { user, group } = self {
            std::os::unix::fs::chown(path, Some(user), Some(group)).expect("chown to postgres");
        }
    }
}
