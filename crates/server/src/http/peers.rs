//! How many connections each client has.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

/// The connections that are open, by who has them. It holds an entry for none but these.
#[derive(Debug, Clone)]
pub(crate) struct Peers {
    most: usize,
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection that counts until it is dropped.
#[derive(Debug)]
pub(crate) struct Counted {
    peers: Peers,
    peer: IpAddr,
}

impl Peers {
    /// At most so many connections each.
    pub(crate) fn new(most: usize) -> Self {
        Self { most, open: Arc::default() }
    }

    /// Counts a connection; `None` when the client has as many as it may.
    pub(crate) fn count(&self, address: IpAddr) -> Option<Counted> {
        let peer = peer(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.get(&peer).copied().unwrap_or(0);
        if count >= self.most {
            return None;
        }
        open.insert(peer, count + 1);
        Some(Counted { peers: self.clone(), peer })
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let mut open = self.peers.open.lock().unwrap_or_else(PoisonError::into_inner);
        match open.get_mut(&self.peer) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                open.remove(&self.peer);
            }
        }
    }
}

/// Who is behind an address: of IPv6 one client commonly has a whole network of 64 bits.
fn peer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn each_client_has_its_own_share_and_gives_it_back() {
        let peers = Peers::new(2);
        let held = [peers.count(address("192.0.2.1")), peers.count(address("192.0.2.1"))];
        assert!(held.iter().all(Option::is_some));
        assert!(peers.count(address("192.0.2.1")).is_none());
        assert!(peers.count(address("::ffff:192.0.2.1")).is_none(), "the same in IPv6's words");
        assert!(peers.count(address("192.0.2.2")).is_some());
        drop(held);
        assert!(peers.count(address("192.0.2.1")).is_some());
        assert!(peers.open.lock().expect("free").is_empty(), "nobody is remembered");
    }

    #[test]
    fn a_network_of_64_bits_is_one_client() {
        let peers = Peers::new(1);
        let _held = peers.count(address("2001:db8::1"));
        assert!(peers.count(address("2001:db8::ffff:1")).is_none());
        assert!(peers.count(address("2001:db8:0:1::1")).is_some());
    }
}
