//! PgBouncer before a cluster, pooling by transaction.

use super::PASSWORD;
use super::cluster::Cluster;
use super::guarded::Guard;
use super::programs::{Unavailable, program};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A running PgBouncer in transaction mode; ends with this value or with the process.
#[derive(Debug)]
pub struct Pool {
    port: u16,
    cluster: Arc<Cluster>,
    folder: PathBuf,
    _guard: Guard,
}

impl Pool {
    /// Starts one before the cluster. `connections` is how many it opens to a database at most.
    ///
    /// # Errors
    /// [`Unavailable`] where PgBouncer is not installed.
    ///
    /// # Panics
    /// When it is installed and does not start.
    pub fn start(cluster: &Arc<Cluster>, connections: u32) -> Result<Self, Unavailable> {
        let pgbouncer = program("pgbouncer")?;
        let run_as = cluster.run_as();
        let folder = tempfile::Builder::new().prefix("provost-pool-").tempdir().expect("folder");
        let folder = folder.keep();
        let port = free_port();
        let users = folder.join("users.txt");
        let list: String = ["postgres", "provost", "authenticator"]
            .map(|role| format!("\"{role}\" \"{PASSWORD}\"\n"))
            .concat();
        std::fs::write(&users, list).expect("users.txt");
        let text = configuration(cluster, port, connections, &users, &folder);
        let file = folder.join("pgbouncer.ini");
        std::fs::write(&file, text).expect("pgbouncer.ini");
        for path in [&folder, &users, &file] {
            run_as.give(path);
        }
        let guard = Guard::set(
            run_as.command(Path::new("/bin/sh")),
            "\"$1\" \"$2/pgbouncer.ini\" & server=$!",
            "kill -INT $server; wait $server; rm -rf \"$2\"",
            &[pgbouncer.as_os_str(), folder.as_os_str()],
        );
        let pool = Self { port, cluster: Arc::clone(cluster), folder, _guard: guard };
        pool.wait_until_it_listens();
        Ok(pool)
    }

    /// Port on 127.0.0.1, where a password is asked for.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A connection URL through the pool, with the password when it is wanted.
    pub fn url(&self, role: &str, database: &str, with_password: bool) -> String {
        let direct = self.cluster.url(role, database, with_password);
        direct.replace(&format!(":{}/", self.cluster.port()), &format!(":{}/", self.port))
    }

    fn wait_until_it_listens(&self) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let log = || std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
            assert!(Instant::now() < deadline, "PgBouncer does not listen: {}", log());
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    listener.local_addr().expect("address").port()
}

fn configuration(
    cluster: &Cluster,
    port: u16,
    connections: u32,
    users: &Path,
    folder: &Path,
) -> String {
    format!(
        "[databases]\n* = host=127.0.0.1 port={}\n\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
         listen_port = {port}\nunix_socket_dir =\nauth_type = plain\nauth_file = {}\n\
         pool_mode = transaction\ndefault_pool_size = {connections}\nmax_client_conn = 500\n\
         logfile = {}\nignore_startup_parameters = extra_float_digits\n",
        cluster.port(),
        users.display(),
        folder.join("log").display(),
    )
}
