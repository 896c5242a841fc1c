//! A lean HTTP/1.1 client: one kept connection, requests that were made before, blocking.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The longest answer that is taken.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// The bytes of a POST with a JSON body.
pub fn post(path: &str, token: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// The bytes of a GET.
pub fn get(path: &str, token: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\r\n")
        .into_bytes()
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
    /// Whether the far side closes the connection behind it.
    pub is_last: bool,
}

impl Answer {
    /// The body as text, for a message.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The code of the first error, when the body is the errors' document.
    pub fn error_code(&self) -> Option<String> {
        let document: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        let error = document.get("errors")?.get(0)?;
        let _detail = error.get("detail")?.as_str().filter(|detail| !detail.is_empty())?;
        Some(error.get("code")?.as_str()?.to_owned())
    }
}

/// A connection that is kept.
#[derive(Debug)]
pub struct Connection {
    stream: BufReader<TcpStream>,
    head: Vec<u8>,
}

impl Connection {
    /// Connects. Each wait on it ends after `patience`.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn open(address: SocketAddr, patience: Duration) -> io::Result<Self> {
        let stream = TcpStream::connect_timeout(&address, patience)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        Ok(Self { stream: BufReader::with_capacity(16 * 1024, stream), head: Vec::new() })
    }

    /// Sends a request and reads its answer.
    ///
    /// # Errors
    /// Those of the operating system, and when the answer breaks off or is none. Whether the
    /// request was served is then unknown.
    pub fn call(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.send(request)?;
        self.answer()
    }

    /// Sends bytes as they are.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.get_mut().write_all(bytes)
    }

    /// Reads one answer.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub fn answer(&mut self) -> io::Result<Answer> {
        let status = self.line()?;
        let status = status
            .strip_prefix("HTTP/1.1 ")
            .and_then(|rest| rest.get(..3)?.parse().ok())
            .ok_or_else(|| io::Error::other("no status line"))?;
        let (mut length, mut is_chunked, mut is_last) = (None, false, false);
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse::<usize>().ok(),
                "transfer-encoding" => is_chunked = value.eq_ignore_ascii_case("chunked"),
                "connection" => is_last = value.eq_ignore_ascii_case("close"),
                _ => {}
            }
        }
        let body = match (is_chunked, length) {
            (true, _) => self.chunks()?,
            (false, Some(length)) => self.bytes(length)?,
            (false, None) => Vec::new(),
        };
        Ok(Answer { status, body, is_last })
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let size = usize::from_str_radix(&self.line()?, 16).map_err(io::Error::other)?;
            if size == 0 {
                self.line()?;
                return Ok(body);
            }
            if body.len() + size > MAX_BODY {
                return Err(io::Error::other("the answer is too long"));
            }
            body.extend(self.bytes(size)?);
            self.line()?;
        }
    }

    fn bytes(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > MAX_BODY {
            return Err(io::Error::other("the answer is too long"));
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body)?;
        Ok(body)
    }

    /// The next line without its end.
    fn line(&mut self) -> io::Result<String> {
        self.head.clear();
        let read = self.stream.by_ref().take(16 * 1024).read_until(b'\n', &mut self.head)?;
        if read == 0 || self.head.last() != Some(&b'\n') {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let line = String::from_utf8_lossy(&self.head);
        Ok(line.trim_end_matches(['\r', '\n']).to_owned())
    }
}
