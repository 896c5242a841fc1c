//! Far too much at once: bodies, and tokens of dots.

use crate::load::{Answer, Broken, Connection, Release, Service, TOKEN, post};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(40);

/// What is sent at a time.
const BLOCK: usize = 64 * 1024;

/// Sends bodies of so many bytes, with their length told before and without. Both are refused, and
/// an ordinary request is served afterwards.
///
/// # Errors
/// [`Broken`] for any other answer.
pub fn large_bodies(service: &Service, bytes: usize) -> Result<String, Broken> {
    let head = |framing: &str, token: &str| {
        format!(
            "POST /functions/v1/telemetry HTTP/1.1\r\nhost: localhost\r\n\
             authorization: Bearer {token}\r\ncontent-type: application/json\r\n{framing}\r\n\r\n"
        )
    };
    let length = format!("content-length: {bytes}");
    let told = flood(service, head(&length, TOKEN).as_bytes(), bytes, &[b' '; BLOCK], b"")?;
    expect("a body with its length", &told, 413)?;
    let mut chunk = format!("{BLOCK:x}\r\n").into_bytes();
    chunk.extend([b' '; BLOCK]);
    chunk.extend(b"\r\n");
    let chunked = head("transfer-encoding: chunked", TOKEN);
    let untold = flood(service, chunked.as_bytes(), bytes, &chunk, b"0\r\n\r\n")?;
    expect("a body in chunks", &untold, 413)?;
    let stranger = head(&length, "nobody");
    let stranger = flood(service, stranger.as_bytes(), bytes, &[b' '; BLOCK], b"")?;
    expect("a body of nobody", &stranger, 401)?;
    served(service, 600_000_000)?;
    let (mib, peak) = (bytes >> 20, peak_mib(service));
    Ok(format!(
        "bodies of {mib} MiB: 413 with and without a length, 401 without a known token; peak memory \
         {peak:.1} MiB"
    ))
}

/// Sends tokens of dots, the longest of so many bytes. None is known, none costs memory, and an
/// ordinary request is served afterwards.
///
/// # Errors
/// [`Broken`] for any other answer.
pub fn dots(service: &Service, bytes: usize) -> Result<String, Broken> {
    let head =
        b"POST /functions/v1/telemetry HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ";
    let end = b"\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]";
    for length in [2, 8_000, 16_000] {
        let answer = flood(service, head, length, &vec![b'.'; length], end)?;
        expect(&format!("a token of {length} dots"), &answer, 401)?;
    }
    let answer = flood(service, head, bytes, &[b'.'; BLOCK], end)?;
    expect("a token of far too many dots", &answer, 431)?;
    served(service, 600_000_001)?;
    let (mib, peak) = (bytes >> 20, peak_mib(service));
    Ok(format!("tokens of dots: 401 up to 16,000, 431 for {mib} MiB; peak memory {peak:.1} MiB"))
}

/// Sends `head`, `block` until `bytes` are out or the far side takes no more, and `end`; then reads
/// the answer.
fn flood(
    service: &Service,
    head: &[u8],
    bytes: usize,
    block: &[u8],
    end: &[u8],
) -> Result<Answer, Broken> {
    let connection = Connection::open(service.address(), PATIENCE);
    let mut connection = connection.map_err(|error| Broken::at("connecting", error))?;
    let mut sent = 0;
    let mut is_taken = connection.send(head).is_ok();
    while is_taken && sent < bytes {
        is_taken = connection.send(block).is_ok();
        sent += block.len();
    }
    if is_taken {
        connection.send(end).ok();
    }
    connection.answer().map_err(|error| Broken::at("no answer to far too much", error))
}

fn expect(what: &str, answer: &Answer, status: u16) -> Result<(), Broken> {
    // A head that cannot be read is answered by the HTTP library, which writes no document.
    match answer.status == status && (status == 431 || answer.error_code().is_some()) {
        true => Ok(()),
        false => Err(Broken(format!("{what}: {} {}", answer.status, answer.text()))),
    }
}

fn served(service: &Service, number: u64) -> Result<(), Broken> {
    let request = post("/functions/v1/provenance-validate", TOKEN, &Release(number).validation());
    let answer = Connection::open(service.address(), PATIENCE)
        .and_then(|mut connection| connection.call(&request))
        .map_err(|error| Broken::at("an ordinary request afterwards", error))?;
    match answer.status {
        200 => Ok(()),
        status => Err(Broken(format!("an ordinary request: {status} {}", answer.text()))),
    }
}

fn peak_mib(service: &Service) -> f64 {
    service.peak_memory_kib().unwrap_or(0) as f64 / 1024.0
}
