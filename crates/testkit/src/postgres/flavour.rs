//! Whose roles and rights a cluster has.

/// A PostgreSQL as it comes, or as Supabase sets it up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// No role but a superuser and an owner of databases, who is none.
    #[default]
    Plain,
    /// Supabase's roles `anon`, `authenticated`, `service_role` and `authenticator`, its functions
    /// `auth.role()` and `auth.jwt()`, and its default privileges: whatever is made in schema
    /// `public` is given to the three. The owner `postgres` is no superuser.
    Supabase,
}

impl Flavour {
    /// Name of the superuser.
    pub fn superuser(self) -> &'static str {
        match self {
            Self::Plain => "postgres",
            Self::Supabase => "supabase_admin",
        }
    }

    /// Name of the role that owns the databases and applies migrations; no superuser.
    pub fn owner(self) -> &'static str {
        match self {
            Self::Plain => "provost",
            Self::Supabase => "postgres",
        }
    }

    /// What is run once in a cluster.
    pub(super) fn roles(self) -> &'static str {
        match self {
            Self::Plain => include_str!("plain_roles.sql"),
            Self::Supabase => include_str!("supabase_roles.sql"),
        }
    }

    /// What is run, as superuser, once in a database that is a template.
    pub(super) fn schema(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Supabase => include_str!("supabase_schema.sql"),
        }
    }
}
