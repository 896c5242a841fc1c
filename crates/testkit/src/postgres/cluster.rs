//! One PostgreSQL server with its data.

use super::PASSWORD;
use super::flavour::Flavour;
use super::guarded::Guard;
use super::programs::{RunAs, Unavailable, program, server_folder};
use super::psql::{Refused, Session};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// What may differ between clusters.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Whose roles and rights.
    pub flavour: Flavour,
    /// Leaves the syncing to the disk out: faster, and no test of durability.
    pub without_fsync: bool,
    /// Where the folder of the cluster is made, such as a small file system; else the temporary
    /// folder. Its path must be short, since a socket lies in it.
    pub folder: Option<PathBuf>,
    /// Further lines of `postgresql.conf`.
    pub lines: Vec<String>,
}

/// A running server, private to this process. It stops, and its data is removed, when this is
/// dropped or the process dies.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    port: u16,
    flavour: Flavour,
    run_as: RunAs,
    pg_ctl: PathBuf,
    _guard: Guard,
}

impl Cluster {
    /// Makes and starts a cluster with the roles of its flavour.
    ///
    /// # Errors
    /// [`Unavailable`] where PostgreSQL cannot be had.
    ///
    /// # Panics
    /// When it is installed and does not start.
    pub fn start(settings: &Settings) -> Result<Self, Unavailable> {
        let programs = server_folder()?;
        let run_as = RunAs::here()?;
        program("psql")?;
        let above = settings.folder.clone().unwrap_or_else(std::env::temp_dir);
        let folder = tempfile::Builder::new()
            .prefix("provost-pg-")
            .tempdir_in(above)
            .expect("a folder for the cluster")
            .keep();
        run_as.give(&folder);
        let pg_ctl = programs.join("pg_ctl");
        // From here on the guard stops the server and removes the folder.
        let guard = Guard::set(
            run_as.command(Path::new("/bin/sh")),
            "",
            "\"$1\" -D \"$2/data\" -m immediate -w stop; rm -rf \"$2\"",
            &[pg_ctl.as_os_str(), folder.as_os_str()],
        );
        let flavour = settings.flavour;
        initialise(&run_as, &programs.join("initdb"), &folder, flavour);
        configure(&run_as, &folder, settings);
        let mut cluster = Self { folder, port: 0, flavour, run_as, pg_ctl, _guard: guard };
        cluster.start_on_a_free_port();
        cluster.superuser("postgres").execute(flavour.roles()).expect("the roles of the flavour");
        Ok(cluster)
    }

    /// Another process may take the port between the look and the start; then another one is tried.
    fn start_on_a_free_port(&mut self) {
        for _ in 0..5 {
            let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
            self.port = listener.local_addr().expect("address").port();
            drop(listener);
            if self.try_start() {
                return;
            }
        }
        panic!("PostgreSQL does not start: {}", self.server_log());
    }

    fn try_start(&self) -> bool {
        let options = format!("-p {} -k {}", self.port, self.folder.display());
        self.control()
            .args(["-w", "-t", "60", "-o", &options, "-l"])
            .arg(self.folder.join("log"))
            .arg("start")
            .status()
            .expect("pg_ctl")
            .success()
    }

    fn control(&self) -> Command {
        let mut command = self.run_as.command(&self.pg_ctl);
        command
            .arg("-D")
            .arg(self.folder.join("data"))
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null());
        command
    }

    /// Stops the server at once, as a crash would: nothing is written back.
    pub fn crash(&self) {
        self.stop("immediate");
    }

    /// Stops the server in order.
    pub fn stop_in_order(&self) {
        self.stop("fast");
    }

    fn stop(&self, mode: &str) {
        let stopped = self.control().args(["-m", mode, "-w", "stop"]).status().expect("pg_ctl");
        assert!(stopped.success(), "PostgreSQL does not stop: {}", self.server_log());
    }

    /// Starts the server again on the same port.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        assert!(self.try_start(), "PostgreSQL does not start again: {}", self.server_log());
    }

    /// Waits until it answers, and starts it again when it ended meanwhile or does not recover by
    /// itself: whether it was started.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn bring_back(&self) -> bool {
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.control().arg("status").status().is_ok_and(|status| status.success()) {
            if self.superuser("postgres").execute("select 1").is_ok() {
                return false;
            }
            if Instant::now() > deadline {
                self.crash();
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        self.start_again();
        true
    }

    /// What the server wrote into its log.
    pub fn server_log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Process id of the server.
    pub fn process_id(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).ok()?;
        text.lines().next()?.trim().parse().ok()
    }

    /// Port on 127.0.0.1, where a password is asked for.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder of the unix socket, where no password is asked for.
    pub fn socket_folder(&self) -> &Path {
        &self.folder
    }

    /// Whose roles and rights.
    pub fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// Plain SQL as superuser in a database.
    pub fn superuser(&self, database: &str) -> Session {
        self.session(self.flavour.superuser(), database)
    }

    /// Plain SQL as a role that may connect.
    pub fn session(&self, role: &str, database: &str) -> Session {
        Session::new(&self.folder, self.port, role, database)
    }

    /// A connection URL over loopback, with the password when it is wanted.
    pub fn url(&self, role: &str, database: &str, with_password: bool) -> String {
        let password = if with_password { format!(":{PASSWORD}") } else { String::new() };
        format!("postgres://{role}{password}@127.0.0.1:{}/{database}", self.port)
    }

    /// Makes a database from a template.
    pub(super) fn create(&self, name: &str, template: &str) -> Result<(), Refused> {
        let owner = self.flavour.owner();
        self.superuser("postgres")
            .execute(&format!("create database {name} template {template} owner {owner}"))?;
        Ok(())
    }

    /// As whom programs beside the server run.
    pub(super) fn run_as(&self) -> RunAs {
        self.run_as
    }
}

fn initialise(run_as: &RunAs, initdb: &Path, folder: &Path, flavour: Flavour) {
    let made = run_as
        .command(initdb)
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-U", flavour.superuser(), "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"])
        .args(["--no-sync", "--no-instructions"])
        .output()
        .expect("initdb");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
}

fn configure(run_as: &RunAs, folder: &Path, settings: &Settings) {
    let mut lines = vec![
        "listen_addresses = '127.0.0.1'",
        "max_connections = 120",
        "shared_buffers = 128MB",
        "unix_socket_permissions = 0777",
        "password_encryption = scram-sha-256",
        "max_wal_size = 2GB",
        "timezone = 'UTC'",
    ];
    if settings.without_fsync {
        lines.extend(["fsync = off", "synchronous_commit = off", "full_page_writes = off"]);
    }
    lines.extend(settings.lines.iter().map(String::as_str));
    append(&folder.join("data/postgresql.conf"), &lines);
    let hosts = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
    let path = folder.join("data/pg_hba.conf");
    std::fs::write(&path, hosts).expect("pg_hba.conf");
    run_as.give(&path);
}

fn append(path: &Path, lines: &[&str]) {
    let before = std::fs::read_to_string(path).expect("postgresql.conf");
    std::fs::write(path, format!("{before}\n{}\n", lines.join("\n"))).expect("postgresql.conf");
}
