//! TLS between program and server: whose certificate is accepted, by which mode.

use super::{Program, unopened};
use crate::sample::accepted;
use provost_testkit::postgres::{Cluster, Contents, Database, Settings};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// An authority made by openssl, and what it signed.
struct Authority {
    folder: tempfile::TempDir,
}

impl Authority {
    /// `None` where openssl is not installed, and then it is said.
    #[allow(clippy::print_stdout, reason = "so a test says what it could not ask")]
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"])
            .args(["-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"])
            .current_dir(folder.path())
            .output();
        if !made.is_ok_and(|made| made.status.success()) {
            println!("not checked here: TLS to PostgreSQL (openssl is not installed)");
            return None;
        }
        Some(Self { folder })
    }

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Key and certificate for a server of this name, as PEM.
    fn sign(&self, name: &str) -> (String, String) {
        let run = |arguments: &[&str]| {
            let made = Command::new("openssl")
                .args(arguments)
                .current_dir(self.folder.path())
                .output()
                .unwrap();
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        };
        std::fs::write(self.folder.path().join("san"), format!("subjectAltName={name}")).unwrap();
        run(&[
            "req",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=server",
            "-keyout",
            "key",
            "-out",
            "csr",
        ]);
        run(&[
            "x509",
            "-req",
            "-in",
            "csr",
            "-CA",
            "ca.pem",
            "-CAkey",
            "ca.key",
            "-set_serial",
            "7",
            "-days",
            "2",
            "-extfile",
            "san",
            "-out",
            "crt",
        ]);
        let read = |name: &str| std::fs::read_to_string(self.folder.path().join(name)).unwrap();
        (read("key"), read("crt"))
    }
}

/// A server that speaks TLS under that name, and a database in it.
fn database(authority: &Authority, name: &str) -> Option<Database> {
    let cluster = Arc::new(Cluster::start(&Settings::default()).ok()?);
    let (key, certificate) = authority.sign(name);
    let superuser = cluster.superuser("postgres");
    // The server writes the files itself, so that they are its own.
    for (file, text) in [("server.key", key), ("server.crt", certificate)] {
        let write = format!(
            "do $do$ declare large oid := lo_from_bytea(0, convert_to($pem${text}$pem$, 'UTF8'));
             begin
               perform lo_export(large, current_setting('data_directory') || '/{file}');
             end $do$"
        );
        superuser.execute(&write).unwrap();
    }
    let narrow = "do $$ begin execute format('copy (select 1) to program %L',
        'chmod 600 ' || current_setting('data_directory') || '/server.key'); end $$";
    superuser.execute(narrow).unwrap();
    superuser.execute("alter system set ssl = on").unwrap();
    cluster.stop_in_order();
    cluster.start_again();
    Database::of(&cluster, Contents::Migrated).ok()
}

fn with(database: &Database, mode: &str, authority: &Path) -> String {
    format!("{}?sslmode={mode}&sslrootcert={}", database.url(true), authority.display())
}

#[test]
fn a_certificate_of_the_named_authority_for_this_host_is_accepted_and_its_sisters_are_not() {
    let Some(authority) = Authority::new() else { return };
    let Some(other) = Authority::new() else { return };
    let Some(of_host) = database(&authority, "IP:127.0.0.1") else { return };
    let program = Program::open(&with(&of_host, "verify-full", &authority.certificate()));
    program.run(async |it| it.append(&[accepted("v1", 1, 0)]).await).unwrap();
    let protected = "select count(*) > 0 from pg_stat_ssl join pg_stat_activity using (pid)
        where ssl and usename = 'provost'";
    assert_eq!(of_host.superuser().execute(protected).unwrap(), "t");
    drop(program);

    let refused = unopened(&with(&of_host, "verify-full", &other.certificate())).to_string();
    assert!(refused.contains("protected"), "another authority: {refused}");

    let Some(of_another) = database(&authority, "DNS:db.example.com") else { return };
    let refused = unopened(&with(&of_another, "verify-full", &authority.certificate())).to_string();
    assert!(refused.contains("protected"), "another host: {refused}");
    // Whoever asks for the authority alone gets that.
    drop(Program::open(&with(&of_another, "verify-ca", &authority.certificate())));
}
