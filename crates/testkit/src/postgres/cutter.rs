//! A bad line to a server: connections break where a test says.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

/// Where a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// The client sends COMMIT, and it does not reach the server.
    BeforeCommit,
    /// The server commits, and its answer does not reach the client.
    AfterCommit,
}

/// A relay on loopback before a server.
#[derive(Debug)]
pub struct Cutter {
    address: SocketAddr,
    orders: Arc<Mutex<Vec<Cut>>>,
}

impl Cutter {
    /// Starts one before a port on loopback. It relays as long as the process lives.
    pub fn start(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
        let address = listener.local_addr().expect("address");
        let orders = Arc::new(Mutex::new(Vec::new()));
        let of_relays = Arc::clone(&orders);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is gone is gone for the client, too.
                if let Ok(server) = TcpStream::connect(("127.0.0.1", port)) {
                    relay(client, server, Arc::clone(&of_relays));
                }
            }
        });
        Self { address, orders }
    }

    /// Its port on loopback.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Breaks the connections of the next commits, one each.
    pub fn break_next(&self, cuts: &[Cut]) {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.splice(.., cuts.iter().rev().copied());
    }

    /// How many breaks are still to come.
    pub fn outstanding(&self) -> usize {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

fn relay(client: TcpStream, server: TcpStream, orders: Arc<Mutex<Vec<Cut>>>) {
    let (from_server, to_client) = (server.try_clone(), client.try_clone());
    let (mut from_server, mut to_client) =
        (from_server.expect("a socket"), to_client.expect("a socket"));
    // Once set, what the server says is read and goes nowhere.
    let is_mute = Arc::new(Mutex::new(false));
    let mute = Arc::clone(&is_mute);
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = from_server.read(&mut buffer) {
            let is_mute = *mute.lock().unwrap_or_else(PoisonError::into_inner);
            if is_mute || to_client.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        to_client.shutdown(Shutdown::Both).ok();
        from_server.shutdown(Shutdown::Both).ok();
    });
    std::thread::spawn(move || forward(client, server, &orders, &is_mute));
}

fn forward(
    mut client: TcpStream,
    mut server: TcpStream,
    orders: &Mutex<Vec<Cut>>,
    is_mute: &Mutex<bool>,
) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        let sent = &buffer[..count];
        let order = is_commit(sent)
            .then(|| orders.lock().unwrap_or_else(PoisonError::into_inner).pop())
            .flatten();
        if order == Some(Cut::BeforeCommit) {
            break;
        }
        if order == Some(Cut::AfterCommit) {
            *is_mute.lock().unwrap_or_else(PoisonError::into_inner) = true;
        }
        if server.write_all(sent).is_err() {
            break;
        }
        if order == Some(Cut::AfterCommit) {
            // The other thread closes both ends when the server has answered.
            return;
        }
    }
    client.shutdown(Shutdown::Both).ok();
    server.shutdown(Shutdown::Both).ok();
}

/// Whether a simple query `COMMIT` ends what was sent.
fn is_commit(sent: &[u8]) -> bool {
    sent.to_ascii_uppercase().ends_with(b"COMMIT\0")
}
