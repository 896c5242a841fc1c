//! Clients that send a byte a second.

use crate::load::{Broken, Connection, Release, Service, TOKEN, post};
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// The longest time until the last of them must have been cut.
const LIMIT: Duration = Duration::from_secs(60);

/// The first release of the client that is not slow.
const FIRST: u64 = 500_000_000;

/// What is sent so slowly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlowPart {
    /// The head of the request.
    Head,
    /// The body, behind a head that came at once.
    Body,
}

/// Opens so many connections, each of which sends a byte a second, until the server has cut them
/// all. A client that is not slow writes meanwhile: it is served, or told 503 and served later.
///
/// # Errors
/// [`Broken`] when a slow one is borne for more than a minute, when the other client meets anything
/// else, and when it is not served at the end.
pub fn slow_clients(service: &Service, sockets: usize, part: SlowPart) -> Result<String, Broken> {
    let address = service.address();
    let is_over = AtomicBool::new(false);
    let (cut, quick) = std::thread::scope(|scope| {
        let quick = scope.spawn(|| quick_client(address, &is_over));
        let cut = crawl(address, sockets, part);
        is_over.store(true, Ordering::Relaxed);
        let quick = quick.join().unwrap_or_else(|_| Err(Broken("it panicked".to_owned())));
        (cut, quick)
    });
    let (seconds, quick) = (cut?, quick?);
    let peak = service.peak_memory_kib().unwrap_or(0) as f64 / 1024.0;
    let Quick { served, turned_away, slowest } = quick;
    let slowest = slowest.as_millis();
    let part = match part {
        SlowPart::Head => "heads",
        SlowPart::Body => "bodies",
    };
    Ok(format!(
        "{sockets} sockets with slow {part}: the last was cut after {seconds:.0} s; another client \
         was served {served} times (slowest {slowest} ms) and told 503 {turned_away} times; peak \
         memory {peak:.1} MiB"
    ))
}

/// Sends a byte a second on each, and answers after how many seconds the last was cut.
fn crawl(address: SocketAddr, sockets: usize, part: SlowPart) -> Result<f64, Broken> {
    let start = Instant::now();
    let mut open = Vec::with_capacity(sockets);
    for _ in 0..sockets {
        open.push(slow_socket(address, part).map_err(|it| Broken::at("a slow socket", it))?);
    }
    let mut second = Instant::now();
    while !open.is_empty() {
        if start.elapsed() > LIMIT {
            return Err(Broken(format!("{} slow sockets are borne after a minute", open.len())));
        }
        second += Duration::from_secs(1);
        std::thread::sleep(second.saturating_duration_since(Instant::now()));
        open.retain_mut(|socket| !is_cut(socket) && socket.write(b"x").is_ok());
    }
    Ok(start.elapsed().as_secs_f64())
}

fn slow_socket(address: SocketAddr, part: SlowPart) -> std::io::Result<TcpStream> {
    let mut socket = TcpStream::connect_timeout(&address, Duration::from_secs(10))?;
    let head = match part {
        SlowPart::Head => "POST /functions/v1/telemetry HTTP/1.1\r\nx-slow: ".to_owned(),
        SlowPart::Body => format!(
            "POST /functions/v1/telemetry HTTP/1.1\r\nhost: localhost\r\n\
             authorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n\
             content-length: 100000\r\n\r\n"
        ),
    };
    // One that was turned away already is no error here: it is found to be cut.
    socket.write_all(head.as_bytes()).ok();
    socket.set_nonblocking(true)?;
    Ok(socket)
}

/// Whether the far side has closed it; an answer before that is read away.
fn is_cut(socket: &mut TcpStream) -> bool {
    let mut bytes = [0; 1024];
    loop {
        match socket.read(&mut bytes) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != ErrorKind::WouldBlock,
        }
    }
}

struct Quick {
    served: u64,
    turned_away: u64,
    slowest: Duration,
}

/// Writes one event after the other, each on a connection of its own.
fn quick_client(address: SocketAddr, is_over: &AtomicBool) -> Result<Quick, Broken> {
    let mut quick = Quick { served: 0, turned_away: 0, slowest: Duration::ZERO };
    for number in 0.. {
        let is_last = is_over.load(Ordering::Relaxed);
        let request =
            post("/functions/v1/provenance-validate", TOKEN, &Release(FIRST + number).validation());
        let start = Instant::now();
        let answer = Connection::open(address, Duration::from_secs(40))
            .and_then(|mut connection| connection.call(&request));
        match answer {
            Ok(answer) if answer.status == 200 => {
                quick.served += 1;
                quick.slowest = quick.slowest.max(start.elapsed());
            }
            Ok(answer) if answer.status == 503 && answer.error_code().is_some() && !is_last => {
                quick.turned_away += 1;
            }
            Ok(answer) => {
                return Err(Broken(format!("a quick client: {} {}", answer.status, answer.text())));
            }
            // Behind so many others it may be closed without a word; it is told by nothing else.
            Err(_) if !is_last => quick.turned_away += 1,
            Err(error) => return Err(Broken::at("a quick client, after the slow ones", error)),
        }
        if is_last {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(quick)
}
