//! A database of a test's own.

use super::MIGRATIONS;
use super::cluster::{Cluster, Settings};
use super::flavour::Flavour;
use super::programs::Unavailable;
use super::psql::Session;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// What a new database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    /// Nothing of the project.
    Empty,
    /// The project's migrations, applied by the owner.
    Migrated,
}

/// A private database; dropped with this value.
#[derive(Debug)]
pub struct Database {
    cluster: Arc<Cluster>,
    name: String,
}

/// A database with the project's migrations in the process' cluster of this flavour. Both clusters
/// sync to the disk as a real one does.
///
/// # Errors
/// [`Unavailable`] where PostgreSQL cannot be had.
pub fn database(flavour: Flavour) -> Result<Database, Unavailable> {
    Database::of(&shared(flavour)?, Contents::Migrated)
}

/// A database with nothing of the project in it.
///
/// # Errors
/// [`Unavailable`] where PostgreSQL cannot be had.
pub fn empty_database(flavour: Flavour) -> Result<Database, Unavailable> {
    Database::of(&shared(flavour)?, Contents::Empty)
}

impl Database {
    /// A database in a cluster that a test started itself.
    ///
    /// # Errors
    /// None that a running cluster gives.
    pub fn of(cluster: &Arc<Cluster>, contents: Contents) -> Result<Self, Unavailable> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let template = template(cluster, contents);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        cluster.create(&name, template).expect("a database from the template");
        Ok(Self { cluster: Arc::clone(cluster), name })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The server that it is in.
    pub fn cluster(&self) -> &Arc<Cluster> {
        &self.cluster
    }

    /// Plain SQL as the owner, who is no superuser.
    pub fn owner(&self) -> Session {
        self.cluster.session(self.cluster.flavour().owner(), &self.name)
    }

    /// Plain SQL as superuser.
    pub fn superuser(&self) -> Session {
        self.cluster.superuser(&self.name)
    }

    /// Plain SQL as `anon`, `authenticated` or `service_role`, as PostgREST does it.
    pub fn supabase_role(&self, role: &str) -> Session {
        self.cluster.session("authenticator", &self.name).set_role(role)
    }

    /// A connection URL of the owner over loopback, with the password in it or not.
    pub fn url(&self, with_password: bool) -> String {
        self.cluster.url(self.cluster.flavour().owner(), &self.name, with_password)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // When the server is gone, so is the database.
        let statement = format!("drop database if exists {} with (force)", self.name);
        self.cluster.superuser("postgres").execute(&statement).ok();
    }
}

/// The cluster of this process, started with the first database that is asked for.
fn shared(flavour: Flavour) -> Result<Arc<Cluster>, Unavailable> {
    static PLAIN: OnceLock<Result<Arc<Cluster>, Unavailable>> = OnceLock::new();
    static SUPABASE: OnceLock<Result<Arc<Cluster>, Unavailable>> = OnceLock::new();
    let slot = match flavour {
        Flavour::Plain => &PLAIN,
        Flavour::Supabase => &SUPABASE,
    };
    let settings = Settings { flavour, ..Settings::default() };
    slot.get_or_init(|| Cluster::start(&settings).map(Arc::new)).clone()
}

/// Name of a database to copy, made on the first call of a cluster.
fn template(cluster: &Cluster, contents: Contents) -> &'static str {
    static MAKING: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _alone = MAKING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let name = match contents {
        Contents::Empty => "template_empty",
        Contents::Migrated => "template_migrated",
    };
    let known = format!("select count(*) from pg_database where datname = '{name}'");
    if cluster.superuser("postgres").execute(&known).expect("the list of databases") == "0" {
        let making = format!("{name}_in_the_making");
        cluster.create(&making, "template0").expect("a template");
        let flavour = cluster.flavour();
        cluster.superuser(&making).execute(flavour.schema()).expect("schema of the flavour");
        if contents == Contents::Migrated {
            let owner = cluster.session(flavour.owner(), &making);
            for (file, text) in MIGRATIONS {
                let applied = owner.execute_as_one(text);
                applied.unwrap_or_else(|refused| panic!("{file}: {refused}"));
            }
        }
        let rename = format!("alter database {making} rename to {name}");
        cluster.superuser("postgres").execute(&rename).expect("a name for the template");
    }
    name
}
