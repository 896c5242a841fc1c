//! Names to addresses: a configured host may be anywhere, any other must be public.

use crate::address::is_public;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;

/// Resolves through the system and keeps to public addresses, so that a redirect to a name that
/// points into this network leads nowhere, whenever it is resolved.
#[derive(Debug)]
pub(crate) struct GuardedResolver {
    /// Hosts that the configuration names.
    pub(crate) configured: Arc<[String]>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let configured = Arc::clone(&self.configured);
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let is_configured = configured.iter().any(|known| known.eq_ignore_ascii_case(&host));
            let found = tokio::task::spawn_blocking(move || {
                (host.as_str(), 0).to_socket_addrs().map(|found| found.collect::<Vec<SocketAddr>>())
            });
            let found = found.await??;
            let allowed: Vec<SocketAddr> =
                found.into_iter().filter(|one| is_configured || is_public(one.ip())).collect();
            if allowed.is_empty() {
                return Err("the name leads to no public address".into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}
